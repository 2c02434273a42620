"""The fourth step of a new experiment: how long, by which rule, and what must not get worse."""

from dataclasses import dataclass, replace
from math import isnan, nan
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from experiments.at_end import AtEnd
from experiments.design import Design
from experiments.errors import InvalidValuesError, StateError
from experiments.metrics import GUARDRAILS
from experiments.models import Experiment
from experiments.planning.checklist import outlook_of
from experiments.planning.length import Outlook
from experiments.serving import drafts
from experiments.stopping import StoppingRule
from experiments.unit import Unit
from server.console.steps import go_on, refused, show_step, step

DAYS_SHOWN = (7, 14, 28)
LIFTS_SHOWN = (0.05, 0.1, 0.2)
PERCENT = 100.0
ADVANCED = ("salt", "slug", "layer", "layer_from", "layer_to", "holdback", "min_views", "looks",
            "level")  # fmt: skip


class LengthForm(forms.Form):
    """The plan of an experiment, in words; percentages are shares times 100."""

    planned_days = forms.IntegerField(
        label="Days", min_value=1, max_value=366,
        help_text="Whole weeks are best: weekends differ from workdays.",
    )  # fmt: skip
    stopping_rule = forms.ChoiceField(
        label="When may it be decided?",
        choices=[
            (StoppingRule.ALWAYS_VALID, "Whenever it is clear: look as often as you like"),
            (StoppingRule.FIXED_HORIZON, "Only at the planned end: sees the smallest lifts"),
            (StoppingRule.GROUP_SEQUENTIAL, "At a few planned looks, the last at the end"),
        ],
    )
    margin = forms.FloatField(
        label="Too small to matter: under (%)", help_text="A smaller difference counts as none."
    )
    unit = forms.ChoiceField(
        label="Who is assigned?",
        choices=[
            (Unit.VIEWER_VIDEO, "Each viewer sees one version of each video"),
            (Unit.VIEWER, "Each viewer sees the same version of all videos"),
            (Unit.VIDEO, "Each video has one version for all viewers"),
        ],
    )  # fmt: skip
    at_end = forms.ChoiceField(
        label="At the planned end",
        choices=[
            (AtEnd.NOTICE, "Tell me that a decision is due"),
            (AtEnd.SHIP, "End it and ship the winner by itself, where there is one"),
        ],
    )
    expected_views = forms.FloatField(
        label="Views a day", required=False,
        help_text="Of all its videos together; only to plan the length.",
    )  # fmt: skip
    slug = forms.CharField(label="Slug", help_text="Its name in addresses.")
    salt = forms.CharField(label="Salt", help_text="Makes its assignment its own.")
    layer = forms.CharField(
        label="Layer", required=False,
        help_text="Tests of one layer never share a viewer: each has a slice of it.",
    )  # fmt: skip
    layer_from = forms.FloatField(label="Slice from", initial=0.0)
    layer_to = forms.FloatField(label="Slice to", initial=1.0)
    holdback = forms.FloatField(label="Holdback (%)", help_text="Share that never takes part.")
    min_views = forms.IntegerField(label="Least views", help_text="Of a video in every arm.")
    looks = forms.IntegerField(label="Looks", help_text="Where it is decided at planned looks.")
    level = forms.FloatField(label="Confidence (%)")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for metric in GUARDRAILS:
            self.fields[f"guard-{metric.name}"] = forms.BooleanField(
                label=f"Must not get worse: {metric.said}", required=False
            )
            self.fields[f"margin-{metric.name}"] = forms.FloatField(
                label="by more than (%)", required=False
            )

    def values(self) -> dict[str, Any]:
        """Return the design's fields as they were typed."""
        given = self.cleaned_data
        shares = {name: given[name] / PERCENT for name in ("margin", "holdback", "level")}
        kept = {name: given[name] for name in PLAIN}
        guardrails = {
            metric.name: (given[f"margin-{metric.name}"] or PERCENT * metric.margin) / PERCENT
            for metric in GUARDRAILS
            if given[f"guard-{metric.name}"]
        }
        return {**kept, **shares, "guardrails": guardrails}

    @property
    def guardrails(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Each guardrail's switch and margin."""
        return [(self[f"guard-{m.name}"], self[f"margin-{m.name}"]) for m in GUARDRAILS]

    @property
    def advanced(self) -> list[forms.BoundField]:
        """The fields that most people leave alone."""
        return [self[name] for name in ADVANCED]

    @property
    def has_advanced_errors(self) -> bool:
        """Whether a field that is folded away needs to be seen."""
        return any(name in self.errors for name in ADVANCED)


PLAIN = ("expected_views", "planned_days", "stopping_rule", "unit", "at_end", "slug", "salt",
         "layer", "layer_from", "layer_to", "min_views", "looks")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the plan can see, in rows for the page; nan and None where nothing can be said.

    Attributes:
        by_days: days, and the lift seen in them.
        by_lift: a lift, and the days that it takes.
    """

    views_a_day: float
    by_days: tuple[tuple[int, float], ...]
    by_lift: tuple[tuple[float, int | None], ...]

    @property
    def is_unknown(self) -> bool:
        """Whether there is no traffic to plan with."""
        return isnan(self.views_a_day)


@step
def length(request: HttpRequest, draft: Experiment) -> HttpResponse:
    """Choose the length and the rule, beside what these can see."""
    outlook = _outlook(draft)
    form = LengthForm(request.POST or _stored(draft, outlook))
    if request.method == "POST" and form.is_valid():
        try:
            drafts.set_values(draft, form.values())
        except (InvalidValuesError, StateError) as error:
            refused(form, error)
        else:
            return go_on(request, draft, "length")
    context = {"form": form, "forecast": _forecast(outlook, form.data)}
    return show_step(request, draft, "length", context)


@step
def forecast(request: HttpRequest, draft: Experiment) -> HttpResponse:
    """Answer with the table beside the form, as the form stands now."""
    found = _forecast(_outlook(draft), request.GET)
    return render(request, "console/steps/forecast.html", {"forecast": found})


def _outlook(draft: Experiment) -> Outlook:
    return outlook_of(draft, Design.of(draft), draft.videos.count())


def _stored(draft: Experiment, outlook: Outlook) -> dict[str, Any]:
    stored = {name: getattr(draft, name) for name in PLAIN}
    for name in ("margin", "holdback", "level"):
        stored[name] = f"{PERCENT * getattr(draft, name):g}"
    for metric in GUARDRAILS:
        margin = draft.guardrails.get(metric.name)
        stored[f"guard-{metric.name}"] = margin is not None
        stored[f"margin-{metric.name}"] = f"{PERCENT * (margin or metric.margin):g}"
    views = outlook.traffic.views_a_day
    return {**stored, "expected_views": "" if isnan(views) else f"{views:.0f}"}


def _forecast(outlook: Outlook, given: Any) -> Forecast:
    """Return what can be seen, with what is typed in the place of what is stored."""
    views = _number(given.get("expected_views"), outlook.traffic.views_a_day)
    traffic = replace(outlook.traffic, views_a_day=views)
    rule = given.get("stopping_rule")
    rule = StoppingRule(rule) if rule in list(StoppingRule) else outlook.rule
    typed = replace(outlook, traffic=traffic, rule=rule)
    planned = _number(given.get("planned_days"), nan)
    days = sorted({*DAYS_SHOWN, *([int(planned)] if 1 <= planned <= 366 else [])})
    if isnan(views) or not views > 0:
        return Forecast(nan, (), ())
    return Forecast(
        views,
        tuple((each, typed.lift_seen(each)) for each in days),
        tuple((lift, typed.days_for(lift)) for lift in LIFTS_SHOWN),
    )


def _number(text: object, otherwise: float) -> float:
    try:
        return float(str(text))
    except ValueError:
        return otherwise
