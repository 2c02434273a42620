"""Numbers in words."""

from dataclasses import replace
from math import inf, nan

import pytest

from experiments.analysis.report import words
from experiments.analysis.report.build import build
from experiments.analysis.report.record import Report
from experiments.analysis.stats.results import Estimate
from tests.experiments.analysis.report.cast import FOUR_VIDEOS, counted_study
from tests.experiments.world import make_experiment


@pytest.fixture
def report(db: None) -> Report:
    return build(counted_study())


def test_percentages_have_the_papers_digits() -> None:
    assert words.percent(0.0729) == "7.29 %"
    assert words.signed_percent(0.375) == "+37.5 %"
    assert words.signed_percent(-0.021) == "-2.1 %"


def test_what_is_nan_is_said_to_be_undefined() -> None:
    nothing = Estimate(nan, nan, nan, 0.95, "no views")
    said = [
        words.percent(nan),
        words.signed_percent(nan),
        words.mean(nan),
        words.p_value(nan),
        words.interval(nothing),
    ]
    assert said == ["not defined"] * 5


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.341, 0.409, "+34.1 to +40.9 %"),
        (-0.01, 0.25, "-1.0 to +25.0 %"),
        (0.034, inf, "+3.4 % and above"),
    ],
)
def test_intervals_of_improvements_have_signs(low: float, high: float, said: str) -> None:
    assert words.interval(Estimate(0.2, low, high, 0.95), 1, signed=True) == said


@pytest.mark.parametrize(
    ("p", "said"),
    [
        (2.2e-308, "< 0.0001"),
        (0.00034, "= 0.00034"),
        (0.0123, "= 0.012"),
        (0.05, "= 0.05"),
        (0.94, "= 0.94"),
        (1.0, "= 1.00"),
    ],
)
def test_p_values_have_two_digits(p: float, said: str) -> None:
    assert words.p_value(p) == said


def test_counts_have_their_thousands_set_apart() -> None:
    assert words.whole(105_503_000) == "105,503,000"
    assert words.mean(3547.04) == "3,547.0"


def test_the_headline_is_the_best_arms_simultaneous_result(report: Report) -> None:
    best = report.best
    assert best is not None
    assert best.comparison is not None
    found = best.comparison.simultaneous_improvement
    said = words.headline(report)
    assert said.startswith(f"gevaden lifts mCTR by {100 * found.value:.1f} % against raw")
    assert f"95 % interval +{100 * found.low:.1f} to +{100 * found.high:.1f} %" in said
    assert f"over 4 videos; p {words.p_value(best.comparison.p_value_adjusted)}." in said


def test_a_headline_out_of_its_page_still_says_that_it_is_simulated(report: Report) -> None:
    made = replace(report, simulated="drawn by a model")
    assert words.headline(made) == f"Simulated: {words.headline(report)}"


@pytest.mark.django_db
def test_a_difference_within_chance_is_not_called_a_lift() -> None:
    noisy = (((1000, 50), (1000, 52)), ((1000, 60), (1000, 57)), ((1000, 40), (1000, 44)))
    said = words.headline(build(counted_study(noisy)))
    assert said.startswith("re_seq2seq shows no clear difference to raw: its mCTR is 2.0 % higher")


@pytest.mark.django_db
def test_a_loss_is_called_one() -> None:
    turned = tuple((better, worse) for worse, _, better in FOUR_VIDEOS)
    assert "lowers mCTR by" in words.headline(build(counted_study(turned)))


@pytest.mark.django_db
def test_without_views_the_headline_says_that_there_is_nothing_yet() -> None:
    said = words.headline(build(make_experiment()))
    assert said == "No comparison yet: no video has been seen often enough in every arm."


@pytest.mark.django_db
def test_one_video_alone_has_a_reason_instead_of_a_test() -> None:
    report = build(counted_study(FOUR_VIDEOS[:1]))
    reason = "one video: no spread between videos"
    assert words.headline(report) == f"gevaden is not compared: {reason}."
    reasons = {why: figures for figures, why in words.reasons(report.arms[2])}
    assert "interval of mPV, interval of mClick" in reasons[reason]


@pytest.mark.django_db
def test_without_a_click_on_the_control_there_is_no_comparison_but_a_reason() -> None:
    unclicked = tuple(((900, 0), (910, clicks)) for clicks in (40, 50, 60))
    report = build(counted_study(unclicked))
    assert report.best is None
    (arm,) = report.compared
    assert arm.comparison is not None
    assert words.headline(report) == f"No comparison yet: {arm.comparison.improvement.reason}."


def test_the_control_is_not_compared_to_itself(report: Report) -> None:
    assert words.sentence(report, report.control) == "raw is not compared: the control."


def test_shares_are_put_in_words(report: Report) -> None:
    srm = report.srm
    assert words.share_check(srm) == (
        f"The arms got their share of the traffic (p {words.p_value(srm.p_value)})."
    )
    assert "did not get their share" in words.share_check(replace(srm, p_value=1e-9))
    assert "arm of weight 0" in words.share_check(replace(srm, forbidden=(0, 0, 12)))
    assert "not checked: no views" in words.share_check(replace(srm, reason="no views"))
