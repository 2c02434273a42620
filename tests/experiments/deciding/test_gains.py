"""What decisions bring: expected when made, measured by the holdback, and added up."""

from math import isnan

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from experiments.analysis import summaries
from experiments.analysis.report.build import build
from experiments.deciding import gain_sentences
from experiments.deciding.decide import decide
from experiments.deciding.gains import NOBODY, NOT_YET, Gain, gains, total
from experiments.models import Decision
from tests.experiments.analysis.report.cast import add_day, counted_study

pytestmark = pytest.mark.django_db
MEASURED = (
    ((1000, 50), (9000, 540)), ((2000, 80), (18000, 850)), ((500, 40), (4500, 420)),
    ((800, 24), (7200, 250)),
)  # fmt: skip


def decided(slug: str = "pilot", *, choice: str = "arm", holdback: float = 0.1) -> Decision:
    """Decide an experiment whose rollout has counts of its own."""
    experiment = counted_study(slug=slug)
    arm = "gevaden" if choice == "arm" else ""
    made = decide(experiment, choice, arm=arm, holdback=holdback)
    if holdback:
        add_day(made.rollout, MEASURED)
    return made


def only(found: list[Gain]) -> Gain:
    (gain,) = found
    return gain


def test_what_is_expected_is_what_the_report_says_less_its_luck() -> None:
    made = decided()
    arm = build(made.experiment).arms[2]
    assert arm.corrected is not None
    assert made.expected_lift == arm.corrected.improvement


def test_a_control_that_is_kept_is_expected_to_beat_the_best_of_the_others() -> None:
    made = decided(choice="control")
    arm = build(made.experiment).arms[2]
    assert arm.corrected is not None
    assert made.expected_lift == pytest.approx(1 / (1 + arm.corrected.improvement) - 1)


def test_a_map_is_expected_to_bring_its_clicks() -> None:
    made = decided(choice="map")
    assert made.expected_lift is not None
    assert 0.2 < made.expected_lift < 0.6


def test_the_holdback_measures_lift_and_clicks() -> None:
    made = decided()
    summaries.renew()
    gain = only(gains())
    report = build(made.rollout)
    line, by_views = report.arms[1].comparison, report.arms[1].by_views
    assert line is not None
    assert by_views is not None
    assert gain.measured.value == pytest.approx(line.improvement.value)
    assert gain.measured.low == pytest.approx(line.simultaneous_improvement.low)
    pooled = 2060 / 38700 - 194 / 4300  # by hand
    assert gain.clicks.value == pytest.approx(38700 * pooled)
    assert gain.clicks.low < gain.clicks.value < gain.clicks.high
    assert gain.expected == made.expected_lift
    assert (gain.stands, gain.verdict) == (True, "winner")
    assert "fewer than 5" in gain.likely.reason


def test_what_is_not_measured_says_why() -> None:
    decided(holdback=0)
    assert only(gains()).measured.reason == NOBODY
    Decision.objects.all().delete()
    experiment = counted_study(slug="new")
    decide(experiment, "arm", arm="gevaden")
    assert only(gains()).measured.reason == NOT_YET
    together = total(gains())
    assert (together.decisions, together.measured) == (1, 0)
    assert isnan(together.clicks.value)
    assert gain_sentences.brought(together) == "1 decision: none of them is measured yet."
    assert gain_sentences.kept_promise(together) == ""


def test_five_are_drawn_together_and_added_up_in_few_queries() -> None:
    for number in range(5):
        decided(f"study-{number}")
    summaries.renew(budget_s=60)
    with CaptureQueriesContext(connection) as asked:
        found = gains()
    assert len(asked) <= 2
    together = total(found)
    one = found[0]
    # All are the same: so each is the mean, with a fifth of the variance.
    assert one.likely.value == pytest.approx(one.measured.value)
    assert together.mean.value == pytest.approx(one.measured.value)
    assert together.clicks.value == pytest.approx(5 * one.clicks.value)
    reach = one.clicks.high - one.clicks.value
    assert together.clicks.high - together.clicks.value == pytest.approx(5**0.5 * reach)
    assert "5 decisions, 5 of them measured by a holdback" in gain_sentences.brought(together)
    assert "was expected; a decision like these brings" in gain_sentences.kept_promise(together)
