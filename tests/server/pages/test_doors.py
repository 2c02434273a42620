"""Every field of the report's document stands on the page, in the file and in the text, or is named
here with the reason why it has no place there. A field that is new belongs to one of the two.
"""

import io
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from math import isnan, nan
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import F
from django.test import Client

from experiments.analysis import two_way
from experiments.analysis.report import formatting
from experiments.analysis.report.formatting import interval, mean, p_value, percent, signed_percent
from experiments.analysis.stats.results import Estimate
from experiments.events.rollup import roll_up
from experiments.models import DayCount, Experiment, Thumbnail
from tests.experiments.analysis.cuts import traffic
from tests.experiments.analysis.report.cast import WATCHED_VIDEOS, counted_study
from tests.experiments.world import make_experiment
from tests.reading import in_one_line

pytestmark = pytest.mark.django_db(transaction=True)
Show = Callable[[Any], list[str]]
NUMBERS = ("value", "low", "high", "level")
ESTIMATE = {*NUMBERS, "reason"}


def words(value: str) -> list[str]:
    return [value]


def whole(value: int) -> list[str]:
    return [formatting.whole(value)]


def one_decimal(value: float) -> list[str]:
    return [mean(value)]


def rate(value: float | Estimate) -> list[str]:
    if isinstance(value, Estimate):
        return [percent(value.value), interval(value)]
    return [percent(value)]


def in_seconds(value: Estimate) -> list[str]:
    return [f"{value.value:,.2f} s", f"{value.low:,.2f} to {value.high:,.2f} s"]


def in_kilobytes(value: Estimate) -> list[str]:
    low, high = value.low / 1000, value.high / 1000
    return [f"{value.value / 1000:,.1f} kB", f"{low:,.1f} to {high:,.1f} kB"]


def rate_alone(value: Estimate) -> list[str]:
    return [percent(value.value)]


def tenths(value: float | Estimate) -> list[str]:
    if isinstance(value, Estimate):
        return [percent(value.value, 1), interval(value, 1)]
    return [percent(value, 1)]


def lift(value: float | Estimate) -> list[str]:
    if isinstance(value, Estimate):
        return [signed_percent(value.value), interval(value, 1, signed=True)]
    return [signed_percent(value)]


def points(value: Estimate) -> list[str]:
    return [signed_percent(each, 2) for each in (value.value, value.low, value.high)]


def lift_alone(value: Estimate) -> list[str]:
    return [signed_percent(value.value)]


def hundredths(value: float) -> list[str]:
    return [percent(value, 0)]


def p(value: float) -> list[str]:
    return [p_value(value).removeprefix("= ")]


def minute(value: str) -> list[str]:
    return [value[:16].replace("T", " ")]


# By what a field's path is like: how it is shown on the page, in the file and in the text.
EVERYWHERE: dict[str, Show] = {
    "experiment.slug": words, "experiment.name": words, "experiment.simulated": words,
    "experiment.state": words, "experiment.unit": words,
    "lights[].name": words, "lights[].says": lambda value: [value.rstrip(".")],
    "verdict.sentence": words, "headline": words, "stopping.sentence": words,
    "method": words, "mode": words, "level": hundredths,
    "videos.included": whole, "videos.least_views": whole, "videos.left_out[].reason": words,
    "videos.left_out[].videos": whole,
    "arms[].name": words, "arms[].mean_views": lambda e: [mean(e.value)],
    "arms[].mean_clicks": lambda e: [mean(e.value)], "arms[].mean_ctr": rate,
    "arms[].pooled_ctr": rate_alone, "arms[].comparison.simultaneous_improvement": lift,
    "arms[].comparison.p_value": p, "arms[].comparison.p_value_adjusted": p,
    "arms[].comparison.reason": words,
    "arms[].by_views.simultaneous_improvement": lift, "arms[].by_views.p_value_adjusted": p,
    "arms[].by_views.reason": words,
    "arms[].like_these.simultaneous_improvement": lift, "arms[].like_these.reason": words,
    "arms[].paper.mean_views": one_decimal, "arms[].paper.mean_clicks": one_decimal,
    "arms[].paper.mean_ctr": rate, "arms[].paper.improvement": lift,
    "arms[].corrected.improvement": lift,
    "metrics.*[].role": words, "metrics.*[].reason": words, "metrics.*[].arms[].arm": words,
    "metrics.*[].arms[].events": whole, "metrics.share[].arms[].mean": rate,
    "metrics.s[].arms[].mean": in_seconds, "metrics.bytes[].arms[].mean": in_kilobytes,
    "metrics.*[].arms[].change": lift, "metrics.*[].arms[].p_value_adjusted": p,
    "srm.p_value": p,
    "robustness[].arm": words, "robustness[].cmh_p_value": p,
    "robustness[].wilcoxon_p_value": p, "robustness[].permutation_p_value": p,
    "funnel.said[]": words, "prospects.said[]": words, "share_course.said": words,
    "not_counted.bots[].said": words, "not_counted.bots[].views": whole,
    "not_counted.bots[].clicks": whole, "not_counted.bot_views": whole,
    "not_counted.bot_clicks": whole, "not_counted.duplicates": whole,
    "not_counted.silent[].arm": words, "not_counted.silent[].silent": whole,
    "two_way.sums": whole, "two_way.made_at": minute,
    "viewers.busiest_share": hundredths, "viewers.busiest_clicks_share": hundredths,
    "viewers.views_of_pairs": lambda value: [f"{value:.2f}"],
    "viewers.first_views[].arm": words, "viewers.first_views[].mean_ctr": rate_alone,
    "viewers.first_views[].improvement": lift_alone,
    "cuts.made_at": minute, "cuts.time_zone": words, "cuts.views": whole,
    "cuts.cuts[].title": words, "cuts.cuts[].fading[].steady": lift,
    "cuts.cuts[].fading[].p_value": p,
    "realised_errors[].method": words, "realised_errors[].nominal": hundredths,
    "realised_errors[].rate": tenths, "realised_errors[].tests": whole,
}  # fmt: skip
# The text is a page of prose and one table; what has a table of its own is on the page and in the
# file, and in files for spreadsheets.
NOT_IN_TEXT: dict[str, Show] = {
    "experiment.question": words, "experiment.started_at": minute, "experiment.ended_at": minute,
    "arms[].steps.*": whole, "srm.observed[]": whole, "srm.expected[]": one_decimal,
    "funnel.steps[].said": lambda value: [value[0].upper() + value[1:]],
    "funnel.steps[].reason": words, "funnel.steps[].baseline": words,
    "funnel.steps[].arms[].note": words, "funnel.steps[].arms[].share": rate,
    "funnel.steps[].arms[].change": lift, "funnel.steps[].arms[].p_value": p,
    "days[].day": words, "days[].views": whole, "days[].clicks": whole, "days[].ctr": rate,
    "days_of.time_zone": words,
    "course.looks[].day": words, "course.looks[].difference": points,
    "two_way.units": whole,
    "cuts.cuts[].slices[].said": words, "cuts.cuts[].slices[].arms[].views": whole,
    "cuts.cuts[].slices[].arms[].clicks": whole, "cuts.cuts[].slices[].arms[].ctr": rate,
    "cuts.cuts[].slices[].arms[].lift": lift_alone,
}  # fmt: skip
SENTENCE = "a sentence that is compared here is made of it"
NAMES = "it says which line a figure is of; the names of arms are compared once"
PROGRAMS = "for programs: its figure for readers is shown"
NO_PLACE = {
    "experiment.min_views": "the least number of views that counts, made of it, is shown",
    "made_at": "each door is made at its own moment, and says it",
    "uncounted": "said beside the moment",
    "lights[].state": "a mark on the page, a word in the text",
    "verdict.kind": SENTENCE, "verdict.arm": SENTENCE, "verdict.wrong[]": SENTENCE,
    "verdict.left.*": SENTENCE, "margin": SENTENCE,
    "stopping.*": SENTENCE, "prospects.*": SENTENCE, "share_course.*": SENTENCE,
    "videos.left_out[].slugs[]": "of many videos a hundred are named on the page",
    "videos.deleted[]": SENTENCE,
    "phases[].*": "shown where there is more than one, by tests of changed shares",
    "arms[].index": PROGRAMS, "arms[].selector": PROGRAMS, "arms[].share": "shares are of units",
    "arms[].videos": "the number of included videos is shown", "arms[].standing": SENTENCE,
    "arms[].views": "over included videos; mPV is shown, and views of all in the funnel",
    "arms[].clicks": "over included videos; mClick is shown, and clicks of all in the funnel",
    "arms[].comparison.*": "the same test, told otherwise: the improvement is shown",
    "arms[].by_views.*": "the same test, told otherwise", "arms[].like_these.*": "the same",
    "arms[].corrected.*": SENTENCE,
    "metrics.*[].name": PROGRAMS, "metrics.*[].said": "a heading, with a capital",
    "metrics.*[].quantity": "each figure has its unit",
    "metrics.*[].higher_is_better": SENTENCE, "metrics.*[].margin": SENTENCE,
    "metrics.*[].arms[].p_value": "the adjusted one is shown",
    "metrics.*[].arms[].holds": "in words, by tests of guardrails",
    "srm.*": SENTENCE,
    "robustness[].*": "what these tests decide is their p-value",
    "variance_reduction.*": "of whole videos assigned, by its own tests",
    "dead_arms[].*": "by its own tests",
    "funnel.steps[].name": PROGRAMS, "funnel.steps[].arms[].arm": NAMES,
    "funnel.missing[].*": SENTENCE, "funnel.unlike[].*": SENTENCE,
    "course.reason": SENTENCE, "course.looks[].arm": NAMES,
    "course.looks[].improvement": "the same test, told otherwise",
    "course.looks[].p_value": "the same test, told otherwise",
    "days[].arm": NAMES, "days_of.begins": "said where it is not midnight",
    "two_way.took_s": "it says how long, for whoever keeps the site: in a sentence",
    "two_way.inflation": "said where it widens anything", "two_way.current": "said in a sentence",
    "two_way.crossed": "said where there are any",
    "two_way.arms[].*": "said where it is read once; the headline's error is widened by it",
    "not_counted.bots[].rule": PROGRAMS, "not_counted.refused[].*": "said by reason, in words",
    "not_counted.crossed_at_login": "said where there are any",
    "not_counted.silent[].given": SENTENCE,
    "viewers.first_views[].*": SENTENCE, "viewers.overlaps[].*": "by tests of overlaps",
    "carry_over[].*": "said in sentences, by tests of changed shares",
    "cuts.current": "said in a sentence", "cuts.of_views": "said where not all were read",
    "cuts.said[]": "each by tests of cuts, with its heading",
    "cuts.cuts[].name": PROGRAMS, "cuts.cuts[].slices[].name": PROGRAMS,
    "cuts.cuts[].slices[].arms[].*": "the test of whether slices differ is made of it",
    "cuts.cuts[].interactions[].*": "the clear ones are said, by tests of cuts",
    "cuts.cuts[].fading[].*": SENTENCE,
    "cuts.pairs[].*": "shown by whoever asks for both, and in a file for spreadsheets",
    "realised_errors[].kind": "said in other words", "realised_errors[].alarm": SENTENCE,
    "without_crossed.*": "of another report",
}  # fmt: skip


def fields(found: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every field with its path; an estimate is one. What is null or empty has no figure."""
    if isinstance(found, dict) and found.keys() != ESTIMATE:
        for name, value in found.items():
            yield from fields(value, f"{path}.{name}" if path else name)
    elif isinstance(found, list):
        for value in found:
            yield from fields(value, f"{path}[]")
    elif isinstance(found, dict):
        numbers = {name: nan if found[name] is None else found[name] for name in NUMBERS}
        yield path, Estimate(**found | numbers)
    elif found is not None and found != "":
        yield path, found


def by_quantity(report: dict[str, Any]) -> dict[str, Any]:
    """Return the document with its metrics by what they are of, by which they are shown.

    Days on which nothing could be compared yet are "not defined" in the table of the course.
    """
    metrics: dict[str, list[Any]] = {}
    for metric in report["metrics"]:
        metrics.setdefault(metric["quantity"], []).append(metric)
    looks = [look for look in report["course"]["looks"] if not look["difference"]["reason"]]
    return report | {"metrics": metrics, "course": report["course"] | {"looks": looks}}


def place_of(path: str) -> str | None:
    """Return what a field is listed as: by its own path, or by one that it is like."""
    listed = [*EVERYWHERE, *NOT_IN_TEXT, *NO_PLACE]
    if path in listed:
        return path
    like = (each for each in listed if "*" in each)
    return next((each for each in like if fnmatchcase(path, each.replace("[]", "[[]]"))), None)


def shown(show: Show, value: Any) -> list[str]:
    """Return how a value is shown; an estimate that is not defined by its reason alone."""
    if isinstance(value, Estimate) and isnan(value.value):
        return [value.reason] if value.reason else []
    if isinstance(value, Estimate) and isnan(value.high - value.low):
        return []
    return show(value)


def doors(client: Client) -> dict[str, str]:
    out = io.StringIO()
    call_command("report", "pilot", stdout=out)
    pages = {"page": "", "file": "export.html"}
    return {
        door: in_one_line(client.get(f"/dashboards/pilot/{address}").content.decode())
        for door, address in pages.items()
    } | {"text": " ".join(out.getvalue().split())}


def with_cuts() -> None:
    made = make_experiment(videos=12)
    Experiment.objects.filter(pk=made.pk).update(question="Do moving ones help?")
    made.refresh_from_db()
    traffic.store(made)
    roll_up()
    two_way.compute(made.pk)


def with_guardrails() -> None:
    made = counted_study(WATCHED_VIDEOS, simulated="drawn by hand")
    DayCount.objects.update(watched_ms=F("clicks") * F("clicks") * 700)
    for number, picture in enumerate(Thumbnail.objects.filter(video__experiments=made)):
        Thumbnail.objects.filter(pk=picture.pk).update(size_bytes=40_000 + number**2 * 5000)


@pytest.mark.parametrize("make", [with_cuts, with_guardrails])
def test_every_door_shows_every_field(client: Client, make: Callable[[], None]) -> None:
    make()
    report = by_quantity(client.get("/api/v1/reports/pilot").json())
    found = doors(client)
    listed = [(path, value, place_of(path)) for path, value in fields(report)]
    assert sorted({path for path, _, place in listed if place is None}) == []
    missing = [
        (door, path, text)
        for path, value, place in listed
        if place is not None and place not in NO_PLACE
        for text in shown({**EVERYWHERE, **NOT_IN_TEXT}[place], value)
        for door in found
        if text not in found[door] and (door != "text" or place in EVERYWHERE)
    ]
    assert missing == []
