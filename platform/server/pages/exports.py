"""A report to hand on: one HTML file that opens anywhere, tables for spreadsheets, Parquet."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from experiments.analysis.report.cache import current
from experiments.analysis.report.no_report import NoReportError, reporting_on
from experiments.analysis.report.table import as_table
from experiments.models import Experiment
from server.pages.chart_tables import Table
from server.pages.cut_charts import table_of
from server.pages.dashboards import drawn, started, whole

PLOTLY = "plotly/plotly-basic-4.1.1.99784e3abfb0.min.js"  # its digest is in its name
SCRIPTS = (PLOTLY, "coverlift/charts.js")
STYLES = ("coverlift/site.css", "coverlift/plots.css")


def as_html(experiment: Experiment) -> str:
    """Return the report as one file: style, scripts and figures are in it, and it opens offline."""
    own = {
        "exported": True,
        "styles": [_content(name) for name in STYLES],
        "scripts": [_content(name) for name in SCRIPTS],
    }
    return render_to_string("dashboards/export.html", whole(experiment) | own)


def export(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer with the report as one HTML file."""
    del request
    return _file(slug, as_html, "text/html", ".html")


def table(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer with Table 3 for spreadsheets."""
    del request
    return _file(slug, lambda shown: as_table(current(shown)), "text/csv", ".csv")


def counts(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer with every count by day, phase, arm and video."""
    del request
    from experiments.analysis.counts_table import as_parquet  # noqa: PLC0415  25 MB

    return _file(slug, as_parquet, "application/vnd.apache.parquet", "-counts.parquet")


def chart_tables(shown: Experiment) -> dict[str, Table]:
    """Return the numbers of every chart of a report, and of two cuts at once, by their names."""
    all_drawn, cuts = drawn(shown), current(shown).cuts
    charts = [item["chart"] for item in (*all_drawn["charts"], *all_drawn["cut_charts"])]
    pairs = {f"cut-{pair.name}": table_of(pair) for pair in cuts.pairs} if cuts else {}
    return pairs | {each.name: each.table for each in charts if each.table}


def chart(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Answer with the numbers of one chart of the report for spreadsheets."""
    del request

    def numbers(shown: Experiment) -> str:
        table = chart_tables(shown).get(name)
        return table.as_csv() if table else ""

    answer = _file(slug, numbers, "text/csv", f"-{name}.csv")
    if not answer.content:
        raise Http404(f"the report of {slug} has no chart {name!r}")
    return answer


def _file(
    slug: str, make: Callable[[Experiment], str | bytes], media_type: str, ending: str
) -> HttpResponse:
    shown = get_object_or_404(started(), slug=slug)
    try:
        with reporting_on(shown):
            content = make(shown)
    except NoReportError as error:
        return HttpResponse(f"{error}\n", status=409, content_type="text/plain; charset=utf-8")
    answer = HttpResponse(content, content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{slug}{ending}"'
    return answer


@cache
def _content(name: str) -> SafeString:
    """Return one of the site's own files, to stand in a page."""
    found = finders.find(name)
    if found is None:
        raise FileNotFoundError(f"{name} is not among the static files")
    return mark_safe(Path(found).read_text(encoding="utf-8"))  # noqa: S308  the site's own
