"""The analysts' first page: every experiment with what it says, found by words, state and verdict.

It reads the summaries that the worker keeps, and builds no report.
"""

from datetime import datetime

from django import forms
from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from experiments.analysis.report.verdict import Kind
from experiments.analysis.summaries import with_summary
from experiments.models import Experiment

EXPERIMENTS_A_PAGE = 25
NO_REPORT = "no report"
SORTED: dict[str, tuple[str, tuple[str | OrderBy, ...]]] = {
    "latest": ("Latest first", (F("started_at").desc(nulls_first=True), "slug")),
    "views": ("Most views", (F("summary__views").desc(nulls_last=True), "slug")),
    "name": ("By name", ("name", "slug")),
}


class ExperimentFilter(forms.Form):
    """What a reader asks for; what is not understood is said beside its field, and asks nothing."""

    q = forms.CharField(label="Name or question", required=False, max_length=200)
    state = forms.ChoiceField(
        label="State", required=False, choices=[("", "any"), *Experiment.State.choices]
    )
    verdict = forms.ChoiceField(
        label="Verdict",
        required=False,
        choices=[("", "any"), *((kind.value, kind.value) for kind in Kind), (NO_REPORT, NO_REPORT)],
    )
    sort = forms.ChoiceField(
        label="Sort", required=False, choices=[(key, words) for key, (words, _) in SORTED.items()]
    )

    def found(self) -> QuerySet[Experiment]:
        """Return the tests asked for; rollouts stand with the decisions that they serve."""
        self.is_valid()
        asked = self.cleaned_data
        found = with_summary().filter(decision=None)
        for word in asked.get("q", "").split():
            named = Q(name__icontains=word) | Q(slug__icontains=word) | Q(question__icontains=word)
            found = found.filter(named)
        if state := asked.get("state"):
            found = found.filter(state=state)
        if verdict := asked.get("verdict"):
            problem = ~Q(summary__problem="") & Q(summary__isnull=False)
            found = found.filter(problem if verdict == NO_REPORT else Q(summary__verdict=verdict))
        return found.order_by(*SORTED[asked.get("sort") or next(iter(SORTED))][1])


def index(request: HttpRequest) -> HttpResponse:
    """Show the experiments asked for: state, verdict, traffic and health of each."""
    asked = ExperimentFilter(request.GET)
    page = Paginator(asked.found(), EXPERIMENTS_A_PAGE).get_page(request.GET.get("page"))
    now = timezone.now()
    context = {
        "filter": asked,
        "is_filtered": any(request.GET.get(name) for name in ("q", "state", "verdict")),
        "page": page,
        "rows": [(each, _day(each, now)) for each in page.object_list],
    }
    return render(request, "dashboards/index.html", context)


def _day(experiment: Experiment, now: datetime) -> int | None:
    """Return which day of its time a live experiment is in, from 1."""
    if experiment.state not in Experiment.LIVE_STATES or experiment.started_at is None:
        return None
    return (now - experiment.started_at).days + 1
