"""The page of an experiment that has started: how it stands, and every act on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import OuterRef, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from experiments import audit
from experiments.analysis.report import sentences, verdict_sentences
from experiments.analysis.report.cache import current
from experiments.analysis.report.no_report import NoReportError, reporting_on
from experiments.analysis.report.record import Report
from experiments.errors import InvalidValuesError, StateError
from experiments.models import Arm, Experiment
from experiments.serving import lifecycle
from experiments.serving.decision import said, standing, take_back
from experiments.serving.preconditions import lock
from server.console.launch import RAMPS
from server.console.steps import refused

PERCENT = 100.0
ACTS_SHOWN = 8


class ActForm(forms.Form):
    """The reason that every act is asked for."""

    why = forms.CharField(label="Reason", help_text="For the audit log.")

    def __init__(self, *args: Any, experiment: Experiment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([name for name in self.fields if name != "why"])
        self.experiment = experiment

    @cached_property
    def arms(self) -> list[Arm]:
        """The experiment's arms, for those acts that name them."""
        return list(self.experiment.arms.all())

    def act(self, experiment: Experiment) -> None:
        """Do it."""
        raise NotImplementedError


class PauseForm(ActForm):
    """A pause."""

    def act(self, experiment: Experiment) -> None:
        """Serve no arm for a while."""
        lifecycle.pause(experiment, why=self.cleaned_data["why"])


class ResumeForm(ActForm):
    """The end of a pause."""

    def act(self, experiment: Experiment) -> None:
        """Go on."""
        lifecycle.resume(experiment, why=self.cleaned_data["why"])


class RampForm(ActForm):
    """How many viewers take part."""

    ramp = forms.ChoiceField(label="Viewers who take part", choices=RAMPS)

    def act(self, experiment: Experiment) -> None:
        """Let so many in."""
        given = self.cleaned_data
        lifecycle.change(experiment, ramp=float(given["ramp"]), why=given["why"])


class SharesForm(ActForm):
    """A share for every arm; of 0, an arm is shown to nobody any more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        total = sum(arm.weight for arm in self.arms) or 1.0
        for arm in self.arms:
            self.fields[f"share-{arm.index}"] = forms.FloatField(
                label=f"{arm.name} (%)",
                min_value=0,
                max_value=100,
                initial=f"{PERCENT * arm.weight / total:.4g}",
                widget=forms.NumberInput(attrs={"data-share": "", "step": "any"}),
            )
        self.order_fields([name for name in self.fields if name != "why"])

    def clean(self) -> None:
        """Refuse shares that do not add up."""
        shares = [self.cleaned_data.get(f"share-{arm.index}") for arm in self.arms]
        if None not in shares and abs(sum(filter(None, shares)) - PERCENT) > 0.5:
            total = sum(filter(None, shares))
            self.add_error(None, f"The shares add up to {total:g} %, must be 100 %.")

    def act(self, experiment: Experiment) -> None:
        """Change the shares."""
        given = self.cleaned_data
        weights = {arm.name: given[f"share-{arm.index}"] for arm in self.arms}
        lifecycle.change(experiment, weights=weights, why=given["why"])


class DropForm(ActForm):
    """The arm that nobody is to see any more."""

    arm = forms.ChoiceField(label="Arm")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown = [(arm.name, arm.name) for arm in self.arms if arm.index and arm.weight > 0]
        self.fields["arm"].choices = shown  # type: ignore[attr-defined]

    def act(self, experiment: Experiment) -> None:
        """Drop it."""
        lifecycle.drop(experiment, self.cleaned_data["arm"], why=self.cleaned_data["why"])


class ExtendForm(ActForm):
    """By how many days."""

    days = forms.IntegerField(label="Days more", min_value=1, initial=7)

    def act(self, experiment: Experiment) -> None:
        """Put the planned end off."""
        lifecycle.extend(experiment, self.cleaned_data["days"], why=self.cleaned_data["why"])


class TakeBackForm(ActForm):
    """A decision that is to hold no longer."""

    def act(self, experiment: Experiment) -> None:
        """Take it back."""
        take_back(experiment, why=self.cleaned_data["why"])


@dataclass(frozen=True, slots=True)
class Act:
    """One act as the page shows it: its name in forms, what it is called, and its form."""

    name: str
    title: str
    form: ActForm


@dataclass(frozen=True, slots=True)
class ArmNow:
    """One arm as the page shows it.

    Attributes:
        share: of the units that take part, now or last.
        views, clicks: of all videos, also of those that are not compared.
        today: views since midnight (UTC).
    """

    index: int
    name: str
    share: float
    views: int = 0
    clicks: int = 0
    today: int = 0


FORMS: Mapping[str, tuple[str, Callable[..., ActForm]]] = {
    "ramp": ("Change how many take part", RampForm),
    "pause": ("Pause", PauseForm),
    "resume": ("Resume", ResumeForm),
    "shares": ("Change the shares", SharesForm),
    "drop": ("Drop an arm", DropForm),
    "extend": ("Extend", ExtendForm),
    "take_back": ("Take the decision back", TakeBackForm),
}
OF_STATE: Mapping[str, tuple[str, ...]] = {
    Experiment.State.RUNNING: ("ramp", "pause", "shares", "drop", "extend"),
    Experiment.State.PAUSED: ("resume", "extend"),
}


def experiment(request: HttpRequest, slug: str) -> HttpResponse:
    """Show how an experiment stands; a draft is shown at its first step."""
    rows = Experiment.objects.select_related("decision__experiment").annotate(
        seen=audit.latest_key("experiment", OuterRef("slug"))
    )
    shown = get_object_or_404(rows, slug=slug)
    if shown.state == Experiment.State.DRAFT:
        return redirect("console:step", slug, "question")
    if decision := getattr(shown, "decision", None):
        return redirect("console:experiment", decision.experiment.slug)
    if request.method == "POST":
        return _acted(request, shown)
    return _page(request, shown, None, shown.seen)  # type: ignore[attr-defined]  # annotated


def log(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the last acts, for a page that asks for them by itself."""
    shown = get_object_or_404(Experiment, slug=slug)
    entries = audit.found("", kind="experiment").filter(subject=shown.slug)[:ACTS_SHOWN]
    return render(request, "console/entries.html", {"entries": entries})


def _acted(request: HttpRequest, shown: Experiment) -> HttpResponse:
    """Do what is asked, unless somebody else acted since the page was opened."""
    name = request.POST.get("act", "")
    if name not in FORMS:
        messages.error(request, f"act == {name!r}, must be one of {', '.join(FORMS)}")
        return redirect("console:experiment", shown.slug)
    title, make = FORMS[name]
    form = make(request.POST, experiment=shown, prefix=name)
    if form.is_valid():
        try:
            with transaction.atomic():
                lock(shown)
                must_be_as_seen(shown, request.POST.get("seen", ""))
                form.act(shown)
        except (InvalidValuesError, StateError) as error:
            refused(form, error)
        else:
            messages.success(request, f"Done: {title.lower()}.")
            return redirect("console:experiment", shown.slug)
    shown.refresh_from_db()
    if name not in _names(shown, decided=standing(shown) is not None):
        for problem in form.non_field_errors():
            messages.error(request, str(problem))
        return redirect("console:experiment", shown.slug)
    last = audit.latest("experiment", shown.slug)
    return _page(request, shown, Act(name, title, form), last.pk if last else None)


def must_be_as_seen(shown: Experiment, seen: str) -> None:
    """Refuse an act of somebody who has not seen the last one.

    Raises:
        StateError: telling what was done since, and by whom.
    """
    last = audit.latest("experiment", shown.slug)
    if last is not None and str(last.pk) != seen:
        raise StateError(
            f"{last.who} did “{last.act}” at {last.at:%H:%M} UTC, after you opened this page: "
            "nothing of yours was done. Look at how it stands now, and send it again if it is "
            "still right."
        )


def _page(
    request: HttpRequest, shown: Experiment, tried: Act | None, seen: int | None
) -> HttpResponse:
    """Show it as it stands after the act that was seen last, with one that was refused."""
    if shown.state in Experiment.LIVE_STATES:
        prefetch_related_objects([shown], "arms")  # every form asks for them
    stands = standing(shown) if shown.state == Experiment.State.ENDED else None
    context = {
        "experiment": shown,
        "simulated": shown.simulated,
        "acts": [
            Act(name, FORMS[name][0], _form(name, shown)) if not tried or tried.name != name
            else tried
            for name in _names(shown, decided=stands is not None)
        ],
        "tried": tried,
        "seen": seen or "",
        "stands": stands,
        "shipped": said(stands) if stands else "",
        **_read(shown),
    }  # fmt: skip
    return render(request, "console/run.html", context, status=409 if tried else 200)


def _names(shown: Experiment, *, decided: bool) -> tuple[str, ...]:
    if shown.state == Experiment.State.ENDED:
        return ("take_back",) if decided else ()
    return OF_STATE[shown.state]


def _form(name: str, shown: Experiment) -> ActForm:
    return FORMS[name][1](experiment=shown, prefix=name)


def _arms(report: Report) -> list[ArmNow]:
    shares, today = report.phases[-1].shares, timezone.now().date()
    return [
        ArmNow(
            index,
            arm.name,
            shares.get(arm.name, 0.0),
            views=sum(day.views for day in report.days if day.arm == index),
            clicks=sum(day.clicks for day in report.days if day.arm == index),
            today=sum(d.views for d in report.days if d.arm == index and d.start == today),
        )
        for index, arm in enumerate(report.arms)
    ]


def _uncounted_arms(shown: Experiment) -> list[ArmNow]:
    arms = list(shown.arms.order_by("index"))
    total = sum(arm.weight for arm in arms) or 1.0
    return [ArmNow(arm.index, arm.name, arm.weight / total) for arm in arms]


def _read(shown: Experiment) -> dict[str, object]:
    """Return what the report says, or why there is none."""
    try:
        with reporting_on(shown):
            report = current(shown)
            return {
                "report": report,
                "arms": _arms(report),
                "verdict": verdict_sentences.verdict(report),
                "headline": sentences.headline(report),
                "stopping": verdict_sentences.stopping(report),
            }
    except NoReportError as error:
        return {"no_report": error, "arms": _uncounted_arms(shown)}
