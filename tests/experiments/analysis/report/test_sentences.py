"""Sentences of a report."""

from dataclasses import replace

import pytest

from experiments.analysis.report import formatting, sentences
from experiments.analysis.report.build import build
from experiments.analysis.report.record import Report
from experiments.analysis.stats.metrics import Standing
from tests.experiments.analysis.report.cast import FOUR_VIDEOS, counted_study
from tests.experiments.world import make_experiment

GUARDED = Standing.GUARDED


def test_the_papers_second_line_does_not_follow_from_its_own_column() -> None:
    said = sentences.about_paper()
    assert "Its 19.5 % is not quite" in said
    assert said.endswith("6.36 / 5.30 − 1 is 20.0 %.")


@pytest.fixture
def report(db: None) -> Report:
    return build(counted_study())


def test_the_headline_is_the_best_arms_simultaneous_result(report: Report) -> None:
    best = report.best
    assert best is not None
    assert best.comparison is not None
    found = best.comparison.simultaneous_improvement
    said = sentences.headline(report)
    assert said.startswith(f"gevaden lifts mCTR by {100 * found.value:.1f} % against raw")
    assert f"95 % interval +{100 * found.low:.1f} to +{100 * found.high:.1f} %" in said
    assert f"over 4 videos; p {formatting.p_value(best.comparison.p_value_adjusted)}." in said


def test_a_headline_out_of_its_page_still_says_that_it_is_simulated(report: Report) -> None:
    made = replace(report, simulated="drawn by a model")
    assert sentences.headline(made) == f"Simulated: {sentences.headline(report)}"


@pytest.mark.django_db
def test_a_difference_within_chance_is_not_called_a_lift() -> None:
    noisy = (((1000, 50), (1000, 52)), ((1000, 60), (1000, 57)), ((1000, 40), (1000, 44)))
    said = sentences.headline(build(counted_study(noisy)))
    assert said.startswith("re_seq2seq shows no clear difference to raw: its mCTR is 2.0 % higher")
    assert "luck" not in said  # there is no other arm
    three = tuple((*row, (1000, 51)) for row in noisy)
    said = sentences.headline(build(counted_study(three, slug="three")))
    assert said.endswith("It is the highest of 2 arms, so there is likely luck in it.")


@pytest.mark.django_db
def test_a_loss_is_called_one() -> None:
    turned = tuple((better, worse) for worse, _, better in FOUR_VIDEOS)
    assert "lowers mCTR by" in sentences.headline(build(counted_study(turned)))


@pytest.mark.django_db
def test_without_views_the_headline_says_that_there_is_nothing_yet() -> None:
    said = sentences.headline(build(make_experiment()))
    assert said == "No comparison yet: no video has been seen often enough in every arm."


@pytest.mark.django_db
def test_one_video_alone_has_a_reason_instead_of_a_test() -> None:
    report = build(counted_study(FOUR_VIDEOS[:1]))
    reason = "one video: no spread between videos"
    assert sentences.headline(report) == f"gevaden is not compared: {reason}."
    reasons = {why: figures for figures, why in sentences.reasons(report.arms[2])}
    assert "interval of mPV, interval of mClick" in reasons[reason]


@pytest.mark.django_db
def test_without_a_click_on_the_control_there_is_no_comparison_but_a_reason() -> None:
    unclicked = tuple(((900, 0), (910, clicks)) for clicks in (40, 50, 60))
    report = build(counted_study(unclicked))
    assert report.best is None
    (arm,) = report.compared
    assert arm.comparison is not None
    assert sentences.headline(report) == f"No comparison yet: {arm.comparison.improvement.reason}."


def test_the_control_is_not_compared_to_itself(report: Report) -> None:
    assert sentences.finding(report, report.control) == "raw is not compared: the control."


def test_shares_are_put_in_words(report: Report) -> None:
    srm = report.srm
    assert sentences.share_check(srm) == (
        f"The arms got their share of the traffic (p {formatting.p_value(srm.p_value)})."
    )
    assert "did not get their share" in sentences.share_check(replace(srm, p_value=1e-9))
    assert "arm of weight 0" in sentences.share_check(replace(srm, forbidden=(0, 0, 12)))
    assert "not checked: no views" in sentences.share_check(replace(srm, reason="no views"))


def test_the_best_of_several_is_marked_as_such(report: Report) -> None:
    best = report.best
    assert best is not None
    assert best.corrected is not None
    assert best.comparison is not None
    assert (best.corrected.of, best.corrected.stopped) == (2, False)
    assert best.corrected.improvement < best.comparison.improvement.value
    assert "Corrected for the luck in it (that it is the best of 2 arms)" in sentences.headline(
        report
    )
