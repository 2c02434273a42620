"""The last step of a new experiment: the checklist, what mends it, and the launch."""

from collections.abc import Callable
from functools import partial

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from experiments.design import Design
from experiments.errors import InvalidValuesError, StateError
from experiments.making import jobs
from experiments.models import Experiment
from experiments.planning.checklist import Level, Remedy, fair_counting, quick_points
from experiments.serving import drafts, lifecycle
from experiments.serving.preconditions import with_thumbnails
from server.console.steps import refused, show_step, step
from server.console.workers import tell_workers

RAMPS = (("0.01", "1 %"), ("0.05", "5 %"), ("0.25", "25 %"), ("0.5", "50 %"), ("1", "everybody"))


class LaunchForm(forms.Form):
    """How many viewers take part at first, and why it starts now."""

    ramp = forms.ChoiceField(label="Viewers who take part at first", choices=RAMPS, initial="1")
    why = forms.CharField(label="Reason", help_text="For the audit log, as: planned for spring.")


@step
def launch(request: HttpRequest, draft: Experiment) -> HttpResponse:
    """Show the checklist; mend a point of it, or start."""
    form = LaunchForm(request.POST if request.POST.get("act") == "start" else None)
    if remedy := request.POST.get("remedy"):
        _mend(request, draft, remedy)
        return redirect("console:step", draft.slug, "launch")
    if form.is_valid():
        given = form.cleaned_data
        try:
            lifecycle.start(draft, ramp=float(given["ramp"]), why=given["why"])
        except (InvalidValuesError, StateError) as error:
            refused(form, error)
        else:
            messages.success(request, f"{draft.name} runs: the feed shows it within 5 seconds.")
            return redirect("console:experiment", draft.slug)
    points = quick_points(draft)
    blocked = any(point.level is Level.BLOCKING for point in points)
    context = {"form": form, "points": points, "blocked": blocked}
    return show_step(request, draft, "launch", context)


@step
def fairness(request: HttpRequest, draft: Experiment) -> HttpResponse:
    """Show the point of the list that takes a report of another test."""
    alone = not request.headers.get("HX-Request")
    context = {"point": fair_counting(draft), "alone": alone, "draft": draft}
    return render(request, "console/steps/fairness.html", context)


def _mend(request: HttpRequest, draft: Experiment, remedy: str) -> None:
    acts: dict[str, Callable[[Experiment], str]] = {
        Remedy.MAKE: partial(_make, request),
        Remedy.LEAVE_OUT_EQUAL: _leave_out_equal,
        Remedy.LEAVE_OUT_SHARED: _leave_out_shared,
    }
    try:
        messages.info(request, acts[remedy](draft))
    except KeyError:
        messages.error(request, f"remedy == {remedy!r}, must be one of {', '.join(acts)}")
    except StateError as error:
        messages.error(request, str(error))


def _make(request: HttpRequest, draft: Experiment) -> str:
    complete = with_thumbnails(draft.videos.all(), Design.of(draft).arms)
    queued = tell_workers(request, jobs.make(draft.videos.exclude(pk__in=complete.values("pk"))))
    return f"{queued} videos queued: their thumbnails are made now. Look here again in a while."


def _leave_out_equal(draft: Experiment) -> str:
    return f"{lifecycle.leave_out_equal(draft)} videos left out."


def _leave_out_shared(draft: Experiment) -> str:
    return f"{drafts.leave_out_shared(draft)} videos left out."
