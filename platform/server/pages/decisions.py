"""The page of all decisions: what was expected of each, and what its holdback measures."""

from collections.abc import Iterable, Iterator
from math import isnan

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from experiments.analysis.report.verdict import Kind
from experiments.analysis.spreadsheet import Cell, as_csv
from experiments.deciding import gain_sentences
from experiments.deciding.gains import Gain, gains, total
from experiments.models import Experiment

DECISIONS_A_PAGE = 50
HEAD = (
    "experiment", "rollout", "decided", "choice", "decision", "stands", "verdict", "expected_lift",
    "measured_lift", "measured_low", "measured_high", "likely_lift", "likely_low", "likely_high",
    "clicks_gained", "clicks_gained_low", "clicks_gained_high", "not_measured",
)  # fmt: skip


class YearFilter(forms.Form):
    """The year to look at; all where none is chosen."""

    year = forms.ChoiceField(label="Year", required=False)

    def __init__(self, asked: QueryDict, years: Iterable[int]) -> None:
        """Offer the years in which something was decided."""
        super().__init__({"year": asked.get("year", "")})
        choices = [("", "all"), *((str(year), str(year)) for year in years)]
        self.fields["year"].choices = choices  # type: ignore[attr-defined]
        self.is_valid()

    @property
    def chosen(self) -> int | None:
        """The year; None for all."""
        year = self.cleaned_data.get("year")
        return int(year) if year else None


def decisions(request: HttpRequest) -> HttpResponse:
    """Show every decision of a year, and what they bring together."""
    asked, found = _asked(request)
    together = total(found)
    context = {
        "filter": asked,
        "page": Paginator(found, DECISIONS_A_PAGE).get_page(request.GET.get("page")),
        "brought": gain_sentences.brought(together),
        "kept_promise": gain_sentences.kept_promise(together),
        "ended": _ended(asked.chosen),
        "query": request.GET.urlencode(),
    }
    return render(request, "dashboards/decisions.html", context)


def table(request: HttpRequest) -> HttpResponse:
    """Answer with every decision of a year for spreadsheets."""
    asked, found = _asked(request)
    answer = HttpResponse(as_csv(HEAD, _lines(found)), content_type="text/csv; charset=utf-8")
    name = f"decisions-{asked.chosen}" if asked.chosen else "decisions"
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _asked(request: HttpRequest) -> tuple[YearFilter, list[Gain]]:
    """Return the filter and what it leaves; each gain is judged among those of all years."""
    made = gains()
    asked = YearFilter(request.GET, sorted({each.decided_at.year for each in made}, reverse=True))
    return asked, [each for each in made if asked.chosen in {None, each.decided_at.year}]


def _ended(year: int | None) -> list[tuple[str, int]]:
    """Return how many tests ended, by their verdict."""
    ended = Experiment.objects.filter(decision=None, state=Experiment.State.ENDED)
    if year is not None:
        ended = ended.filter(ended_at__year=year)
    rows = ended.order_by().values_list("summary__verdict").annotate(Count("pk"))
    by_verdict = dict(rows)
    known = [(kind.value, by_verdict.pop(kind.value, 0)) for kind in Kind]
    return [*known, ("no verdict", sum(by_verdict.values()))]


def _lines(found: Iterable[Gain]) -> Iterator[tuple[Cell, ...]]:
    for each in found:
        ends = [
            end
            for estimate in (each.measured, each.likely, each.clicks)
            for end in (estimate.value, estimate.low, estimate.high)
        ]
        yield (
            each.experiment.slug, each.rollout.slug, each.decided_at.date(), each.choice, each.said,
            "yes" if each.stands else "no", each.verdict,
            None if isnan(each.expected) else each.expected, *ends, each.measured.reason,
        )  # fmt: skip
