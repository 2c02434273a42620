"""The list of experiments: searched, filtered by state, page by page."""

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from experiments.models import Decision, Experiment
from experiments.serving.decision import said

EXPERIMENTS_A_PAGE = 25


def experiments(request: HttpRequest) -> HttpResponse:
    """Show the experiments that the search and the state leave, and what is shipped of each."""
    query, state = request.GET.get("q", "").strip(), request.GET.get("state", "")
    found = _found(query, state).prefetch_related("arms")
    page = Paginator(found, EXPERIMENTS_A_PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    shipped, videos = _shipped(shown), _videos(shown)
    context = {
        "query": query,
        "state": state,
        "states": Experiment.State.choices,
        "page": page,
        "rows": [(each, videos.get(each.pk, 0), shipped.get(each.pk, "")) for each in shown],
        "kept": {"q": query, "state": state},
    }
    return render(request, "console/experiments.html", context)


def _found(query: str, state: str) -> QuerySet[Experiment]:
    """Return the tests, drafts first, then the latest; rollouts stand with what they decide."""
    found = Experiment.objects.filter(decision=None)
    for word in query.split():
        named = Q(name__icontains=word) | Q(slug__icontains=word) | Q(question__icontains=word)
        found = found.filter(named)
    if state in Experiment.State.values:
        found = found.filter(state=state)
    return found.order_by("-started_at", "slug")


def _videos(shown: list[Experiment]) -> dict[int, int]:
    """Return how many videos each has."""
    rows = Experiment.videos.through.objects.filter(experiment__in=shown).order_by()
    return dict(rows.values_list("experiment").annotate(Count("pk")))


def _shipped(shown: list[Experiment]) -> dict[int, str]:
    standing = Decision.objects.filter(
        experiment__in=shown, rollout__state__in=Experiment.LIVE_STATES
    )
    return {decision.experiment_id: said(decision) for decision in standing}
