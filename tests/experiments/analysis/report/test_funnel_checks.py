"""Arms that lose pictures before these are views are found, with what that could do."""

import numpy as np
import pytest
from django.db.models import F
from django.test import Client
from scipy import stats
from statsmodels.stats.multitest import multipletests

from experiments.analysis.report.build import build
from experiments.analysis.report.document import as_document
from experiments.analysis.report.funnel_checks import NOTHING_MOVES, STILL
from experiments.analysis.report.funnel_record import ALARM, FunnelStep
from experiments.analysis.report.funnel_sentences import said
from experiments.analysis.report.lights import State, lights
from experiments.analysis.report.record import Report
from experiments.analysis.report.text import as_text
from experiments.models import Cell, DayCount, Experiment, Thumbnail

from .cast import AT_THE_END, Counts, counted_study

pytestmark = pytest.mark.django_db
VIDEOS = 20


def counts_at(rates: tuple[float, ...]) -> Counts:
    """Return about 2,000 views of each video in each arm, clicked at these rates."""
    rng = np.random.default_rng(5)
    views = rng.poisson(2000, (VIDEOS, len(rates)))
    clicks = rng.binomial(views, rates)
    return tuple(tuple(zip(*row, strict=True)) for row in np.stack([views, clicks], 1).tolist())


def funnel(kept: float = 1.0, loaded: float = 1.0) -> Report:
    """Return a report whose last arm has so many of its views and loads, of as many served."""
    experiment = counted_study(counts_at((0.05, 0.06, 0.07)))
    noise = F("clicks") % 5  # without any, there is no error to test against
    DayCount.objects.update(served=F("served") + noise, loaded=F("loaded") - noise)
    last = Cell.objects.get(phase__experiment=experiment, arm__index=2).pk
    DayCount.objects.filter(cell=last).update(
        served=F("served") / kept, loaded=F("loaded") * loaded
    )
    return build(experiment)


def test_arms_that_lose_alike_are_said_to() -> None:
    report = funnel()
    assert report.funnel is not None
    assert report.funnel.missing == ()
    (alike, per_served) = said(report.funnel)
    assert "Arms lose alike on the way" in alike
    assert "which missing views cannot bias: re_seq2seq +" in per_served
    for step in report.funnel.steps[:2]:
        assert [arm.share for arm in step.arms] == pytest.approx([0.5] * 3, abs=1e-3)


def test_what_is_the_same_in_every_video_is_said_to_be_and_not_tested() -> None:
    experiment = counted_study(counts_at((0.05, 0.06, 0.07)))
    moving = Cell.objects.filter(phase__experiment=experiment, arm__index__gt=0)
    DayCount.objects.filter(cell__in=moving.values("pk")).update(animated=F("views"))
    report = build(experiment)
    assert report.funnel is not None
    alike, moved, _ = said(report.funnel)
    assert alike.startswith("Arms lose alike on the way from a picture served to a view, in every")
    assert moved == "Pictures that move do so in the same share of views in every arm and video."
    page = Client().get("/dashboards/pilot/").content.decode()
    for shown in (page.replace("\N{NO-BREAK SPACE}", " "), as_text(report)):
        assert "the same in every video" in shown
        assert "nothing to test" in shown


def test_an_arm_whose_pictures_come_too_late_is_named_with_the_bounds() -> None:
    report = funnel(kept=0.9)
    assert report.funnel is not None
    (missing,) = report.funnel.missing
    assert missing.arm == "gevaden"
    assert missing.share == pytest.approx(-0.1, abs=1e-3)
    rates = [arm.mean_ctr.value for arm in report.arms]
    assert missing.low == pytest.approx(rates[2] / (rates[0] / 0.9) - 1, abs=1e-3)
    assert missing.high > rates[2] / rates[0] - 1
    (sentence, _) = said(report.funnel)
    assert sentence.startswith("gevaden: 10.0 % fewer of its pictures come into view")
    assert sentence in " ".join(as_text(report).split())
    document = as_document(report)["funnel"]
    assert document["said"] == said(report.funnel)
    assert document["missing"][0]["low"] == missing.low


def test_pictures_that_load_less_and_are_seen_as_often_are_no_alarm() -> None:
    report = funnel(loaded=0.9)
    assert report.funnel is not None
    assert report.funnel.missing == ()
    assert "do not load alike" in said(report.funnel)[0]


def test_steps_that_were_never_recorded_say_so() -> None:
    experiment = counted_study(counts_at((0.05, 0.06, 0.07)))
    DayCount.objects.update(served=0, loaded=0)
    report = build(experiment)
    assert report.funnel is not None
    assert [bool(step.reason) for step in report.funnel.steps] == [True] * 4
    assert said(report.funnel) == []
    assert said(None) == []


def moving(share: float, *, control: bool = False, of_others: float = 0.9) -> Report:
    """Return a report whose last arm moves in so many of its views; the control is a still."""
    experiment = counted_study(counts_at((0.05, 0.06, 0.07)))
    noise = F("clicks") % 5
    DayCount.objects.update(animated=F("views") * of_others - noise)
    cells = {c.arm.index: c.pk for c in Cell.objects.filter(phase__experiment=experiment)}
    DayCount.objects.filter(cell=cells[2]).update(animated=F("views") * share - noise)
    if control:
        Thumbnail.objects.update(media_type="image/gif")
    else:
        DayCount.objects.filter(cell=cells[0]).update(animated=0)
    return build(experiment)


def animated(report: Report) -> FunnelStep:
    assert report.funnel is not None
    return next(step for step in report.funnel.steps if step.name == "animated_per_view")


def test_a_still_takes_no_part_in_moving_and_the_others_are_compared_with_one_another() -> None:
    report = moving(0.9)
    step = animated(report)
    assert step.baseline == "re_seq2seq"
    assert [arm.note for arm in step.arms] == [STILL, "", ""]
    assert np.isnan(step.arms[0].share)
    assert [arm.share for arm in step.arms[1:]] == pytest.approx([0.9, 0.9], abs=3e-3)
    assert (step.arms[1].change, step.arms[2].p_value > ALARM) == (None, True)
    assert report.funnel is not None
    assert report.funnel.unlike == ()
    assert "Pictures that move do so in as many of their views" in " ".join(said(report.funnel))


def test_an_arm_that_moves_too_late_is_named_with_what_it_would_be_otherwise() -> None:
    report = moving(0.6)
    assert report.funnel is not None
    (line,) = report.funnel.unlike
    assert (line.arm, line.baseline) == ("gevaden", "re_seq2seq")
    assert (line.share, line.baseline_share) == pytest.approx((0.6, 0.9), abs=3e-3)
    found = report.arms[2].comparison
    assert found is not None
    assert line.improvement == pytest.approx(found.improvement.value)
    assert line.moving_alike == pytest.approx(line.improvement * 1.5, rel=0.01)
    (sentence,) = (each for each in said(report.funnel) if "seen as stills" in each)
    assert sentence in " ".join(as_text(report).split())
    light = next(light for light in lights(report) if light.name == "views arrive alike")
    assert (light.state, "gevaden do not move as often" in light.says) == (State.NOTE, True)


def test_where_the_control_moves_it_is_what_the_others_are_compared_with() -> None:
    report = moving(0.6, control=True)
    assert animated(report).baseline == "raw"
    assert report.funnel is not None
    (line,) = report.funnel.unlike
    assert np.isnan(line.moving_alike)
    assert "Bloom" not in " ".join(said(report.funnel))


def test_p_values_of_moving_are_adjusted_with_those_of_the_other_steps() -> None:
    report = moving(0.88)
    DayCount.objects.update(
        loaded=F("loaded") - F("clicks") % 7, served=F("served") + F("views") % 9
    )
    report = build(Experiment.objects.get(slug=report.slug))
    assert report.funnel is not None
    shares = {
        step: {arm: shares_of(report, arm, *of) for arm in range(3)}
        for step, of in {0: ("loaded", "served"), 1: ("views", "served")}.items()
    } | {2: {arm: shares_of(report, arm, "animated", "views") for arm in range(3)}}
    tested = [(0, 1, 0), (0, 2, 0), (1, 1, 0), (1, 2, 0), (2, 2, 1)]  # step, arm, baseline
    alone = [stats.ttest_rel(shares[s][arm], shares[s][base]).pvalue for s, arm, base in tested]
    expected = multipletests(np.minimum(np.array(alone) / AT_THE_END, 1), method="holm")[1]
    found = [report.funnel.steps[s].arms[arm].p_value for s, arm, _ in tested]
    assert found == pytest.approx(expected, rel=1e-6)


def shares_of(report: Report, arm: int, part: str, whole: str) -> list[float]:
    """Return the share of each video that takes a step in an arm."""
    cell = Cell.objects.get(phase__experiment__slug=report.slug, arm__index=arm).pk
    rows = DayCount.objects.filter(cell=cell).order_by("video")
    return [getattr(row, part) / getattr(row, whole) for row in rows]


def test_a_single_arm_that_moves_has_nothing_to_be_compared_with() -> None:
    experiment = counted_study(tuple(row[:2] for row in counts_at((0.05, 0.07))))
    DayCount.objects.update(animated=F("views") / 2)
    report = build(experiment)
    assert [arm.note for arm in animated(report).arms] == [STILL, ""]
    assert report.funnel is not None
    assert "Only the pictures of re_seq2seq move, in 50.0 %" in " ".join(said(report.funnel))


def test_arms_without_known_pictures_are_told_by_what_moved() -> None:
    experiment = counted_study(counts_at((0.05, 0.06, 0.07)))
    Thumbnail.objects.all().delete()
    first = Cell.objects.get(phase__experiment=experiment, arm__index=0).pk
    DayCount.objects.exclude(cell=first).update(animated=F("views") / 2)
    assert animated(build(experiment)).baseline == "re_seq2seq"
    DayCount.objects.update(animated=0)
    assert animated(build(experiment)).reason == NOTHING_MOVES
