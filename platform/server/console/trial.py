"""A trial: an experiment to which an operator sends simulated viewers, to see a whole test."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST
from kombu.exceptions import OperationalError

from experiments.errors import InvalidValuesError, StateError
from experiments.models import Experiment, SimulatedTraffic
from experiments.serving import lifecycle
from experiments.studies import trial
from experiments.tasks import send_simulated_viewers

MOST_SHOWN = 10


class ViewersForm(forms.Form):
    """How many viewers come, and how unlike the arms are to them."""

    viewers = forms.IntegerField(
        min_value=1,
        max_value=trial.MAX_VIEWERS,
        initial=20_000,
        help_text=f"At most {trial.MAX_VIEWERS:,}, and for at most {trial.MAX_S:.0f} seconds.",
    )
    lift = forms.TypedChoiceField(
        coerce=float,
        choices=[
            ("0", "None: all are clicked alike"),
            ("0.2", "Small: up to 20 % more clicks"),
            ("0.4", "Large: up to 40 % more clicks"),
            ("1", "Very large: up to twice the clicks"),
        ],
        initial="0.4",
        label="Difference of the arms",
        help_text="In the last arm, against the control; the arms between lie evenly between.",
    )


def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what was sent, and send viewers."""
    experiment = get_object_or_404(Experiment, slug=slug)
    form = ViewersForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _sent(experiment, form):
        return redirect("console:trial", slug=slug)
    context = _context(experiment) | {"form": form, "problem": trial.problem(experiment)}
    return render(request, "console/trial.html", context)


def groups(request: HttpRequest, slug: str) -> HttpResponse:
    """Show how far the viewers are, for a page that asks again."""
    experiment = get_object_or_404(Experiment, slug=slug)
    return render(request, "console/trial_groups.html", _context(experiment))


@require_POST
def mark(request: HttpRequest, slug: str) -> HttpResponse:
    """Mark a draft as a trial."""
    experiment = get_object_or_404(Experiment, slug=slug)
    try:
        lifecycle.mark_as_trial(experiment)
    except StateError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "It is a trial now. Start it, then send it simulated viewers.")
    return redirect("console:trial", slug=slug)


def _sent(experiment: Experiment, form: ViewersForm) -> bool:
    """Ask for the viewers; where that cannot be, say so in the form."""
    given = form.cleaned_data
    try:
        asked = trial.ask(experiment, viewers=given["viewers"], lift=given["lift"])
    except InvalidValuesError as error:
        for name, problem in error.problems.items():
            form.add_error(name, problem)
        return False
    except StateError as error:
        form.add_error(None, str(error))
        return False
    try:
        send_simulated_viewers.delay(asked.pk)
    except OperationalError as error:
        trial.give_up(asked, f"the workers could not be told: {error}")
    return True


def _context(experiment: Experiment) -> dict[str, object]:
    found = list(SimulatedTraffic.objects.filter(experiment=experiment)[:MOST_SHOWN])
    return {
        "experiment": experiment,
        "simulated": experiment.simulated,
        "groups": found,
        "moves": any(each.state in SimulatedTraffic.UNFINISHED for each in found),
    }
