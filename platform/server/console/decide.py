"""The page of a decision: what the verdict recommends, and the three choices."""

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from experiments import audit
from experiments.analysis.report.cache import current
from experiments.analysis.report.no_report import NoReportError, reporting_on
from experiments.analysis.videos.cache import current_videos
from experiments.choice import Choice
from experiments.deciding import map_of_videos
from experiments.deciding.decide import decide as decided
from experiments.deciding.recommendation import Recommendation, recommend
from experiments.errors import InvalidValuesError, StateError
from experiments.models import Experiment
from experiments.serving import lifecycle
from experiments.serving.decision import standing_exists
from experiments.serving.preconditions import lock
from server.console.run import must_be_as_seen
from server.console.steps import refused

HOLDBACKS = (("0.05", "5 %"), ("0.01", "1 %"), ("0.1", "10 %"), ("0.2", "20 %"), ("0", "nobody"))


class DecisionForm(forms.Form):
    """One choice, who is held back from it, and why."""

    choice = forms.ChoiceField(label="What is shipped?", widget=forms.RadioSelect)
    holdback = forms.ChoiceField(
        label="Held back", choices=HOLDBACKS,
        help_text="They go on seeing what is not shipped, so that the difference is still "
        "measured.",
    )  # fmt: skip
    why = forms.CharField(label="Reason", help_text="For the audit log.")

    def __init__(self, *args: object, choices: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["choice"].choices = choices  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a decision is made on; where there is no report, the sentence that says why."""

    recommended: Recommendation | None = None
    no_report: str = ""
    arms: tuple[str, ...] = ()


def decide(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the recommendation and the choices; ship what is chosen."""
    shown = get_object_or_404(Experiment.objects.annotate(is_decided=standing_exists()), slug=slug)
    if shown.state == Experiment.State.DRAFT:
        return redirect("console:step", slug, "question")
    if shown.is_decided:  # type: ignore[attr-defined]  # annotated above
        messages.info(request, f"{shown.name} is decided: take that back to decide anew.")
        return redirect("console:experiment", slug)
    ground = _ground(shown)
    initial = {"choice": _recommended(ground), "holdback": HOLDBACKS[0][0]}
    form = DecisionForm(request.POST or None, initial=initial, choices=_choices(shown, ground))
    if form.is_valid() and _shipped(request, shown, form):
        return redirect("console:experiment", slug)
    last = audit.latest("experiment", slug)
    context = {
        "experiment": shown,
        "simulated": shown.simulated,
        "form": form,
        "ground": ground,
        "seen": last.pk if last else "",
    }
    return render(request, "console/decide.html", context)


def worth_of_map(request: HttpRequest, slug: str) -> HttpResponse:
    """Say what the best arm of each video is worth; fitted aside, for it can take seconds."""
    shown = get_object_or_404(Experiment.objects.exclude(state=Experiment.State.DRAFT), slug=slug)
    try:
        with reporting_on(shown):
            worth = map_of_videos.said(map_of_videos.map_of_videos(current_videos(shown)))
    except NoReportError as error:
        worth = str(error)
    context = {"experiment": shown, "worth": worth, "alone": not request.headers.get("HX-Request")}
    return render(request, "console/worth_of_map.html", context)


def _shipped(request: HttpRequest, shown: Experiment, form: DecisionForm) -> bool:
    """End the experiment where it still runs, and ship; where refused, say so in the form."""
    given = form.cleaned_data
    choice, _, arm = given["choice"].partition(":")
    try:
        with transaction.atomic():
            lock(shown)
            must_be_as_seen(shown, request.POST.get("seen", ""))
            if shown.state in Experiment.LIVE_STATES:
                lifecycle.end(shown, why=given["why"])
            if choice != "end":
                holdback = float(given["holdback"])
                decided(shown, choice, arm=arm, holdback=holdback, why=given["why"])
    except (InvalidValuesError, StateError) as error:
        shown.refresh_from_db()
        refused(form, error)
        return False
    messages.success(request, "Decided: the feed follows within 5 seconds.")
    return True


def _choices(shown: Experiment, ground: Ground) -> list[tuple[str, str]]:
    control, *others = ground.arms or [arm.name for arm in shown.arms.order_by("index")]
    arms = [(f"{Choice.ARM}:{arm}", f"Ship {arm} to all") for arm in others]
    mapped = [(str(Choice.MAP), "Ship the best arm of each video")]
    kept = [(str(Choice.CONTROL), f"Keep {control}, the control")]
    live = shown.state in Experiment.LIVE_STATES
    later = [("end", "Only end it now, and decide later")] if live else []
    return [*arms, *mapped, *kept, *later]


def _recommended(ground: Ground) -> str:
    found = ground.recommended
    if found is None or not found.sure:
        return ""
    return f"{Choice.ARM}:{found.arm}" if found.choice is Choice.ARM else str(found.choice)


def _ground(shown: Experiment) -> Ground:
    try:
        with reporting_on(shown):
            report = current(shown)
            return Ground(recommend(report), arms=tuple(arm.name for arm in report.arms))
    except NoReportError as error:
        return Ground(no_report=str(error))
