"""The steps of a new experiment: their order, their addresses, and what all have in common."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from experiments.errors import InvalidValuesError, StateError
from experiments.models import Experiment

StepPage = Callable[[HttpRequest, Experiment], HttpResponse]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name in addresses, and its title."""

    name: str
    title: str


STEPS = (
    Step("question", "Question"),
    Step("videos", "Videos"),
    Step("arms", "Arms"),
    Step("length", "Length"),
    Step("launch", "Launch"),
)


def step(page: StepPage) -> Callable[..., HttpResponseBase]:
    """Show a step, while it is still of a draft."""

    @wraps(page)
    def guarded(request: HttpRequest, slug: str) -> HttpResponse:
        draft = get_object_or_404(Experiment, slug=slug)
        if draft.state != Experiment.State.DRAFT:
            messages.info(request, f"{draft.name} has started: it is no draft any more.")
            return redirect("console:experiment", slug)
        return page(request, draft)

    return guarded


def show(
    request: HttpRequest, slug: str, name: str, pages: Mapping[str, Callable[..., HttpResponseBase]]
) -> HttpResponseBase:
    """Show the step of this name."""
    if name not in pages:
        raise Http404
    return pages[name](request, slug)


def show_step(
    request: HttpRequest, draft: Experiment | None, name: str, context: Mapping[str, object]
) -> HttpResponse:
    """Render a step, with the way to the others."""
    shared = {
        "draft": draft,
        "steps": [(each, _address(draft, each.name)) for each in STEPS],
        "at": name,
        "number": [each.name for each in STEPS].index(name) + 1,
    }
    return render(request, f"console/steps/{name}.html", {**shared, **context})


def go_on(request: HttpRequest, draft: Experiment, name: str) -> HttpResponse:
    """Lead to the step after, or to that before where the person goes back."""
    names = [each.name for each in STEPS]
    place = names.index(name) + (-1 if request.POST.get("go") == "back" else 1)
    return redirect("console:step", draft.slug, names[place])


def refused(form: forms.Form, error: InvalidValuesError | StateError) -> None:
    """Show each sentence beside its field, and those of no field above all."""
    if isinstance(error, StateError):
        form.add_error(None, str(error))
        return
    for name, problem in error.problems.items():
        form.add_error(name if name in form.fields else None, problem)


def _address(draft: Experiment | None, name: str) -> str:
    return reverse("console:step", args=[draft.slug, name]) if draft else ""
