"""Arms that lose pictures before these are views are found, with what that could do."""

import numpy as np
import pytest
from django.db.models import F

from experiments.analysis.report.build import build
from experiments.analysis.report.document import as_document
from experiments.analysis.report.funnel_sentences import said
from experiments.analysis.report.record import Report
from experiments.analysis.report.text import as_text
from experiments.models import Cell, DayCount

from .cast import Counts, counted_study

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
    assert [bool(step.reason) for step in report.funnel.steps] == [True] * 3
    assert said(report.funnel) == []
    assert said(None) == []
