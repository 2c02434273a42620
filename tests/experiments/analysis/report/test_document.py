"""The report as a document."""

import json
import re
from dataclasses import replace
from math import inf, nan
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from experiments.analysis.report import document
from experiments.analysis.report.build import build
from experiments.analysis.report.carry_over import CarriedOver
from experiments.analysis.report.dead_beacons import DeadBeacon
from experiments.analysis.report.document import as_document, as_json
from experiments.analysis.report.funnel_record import Unlike
from experiments.analysis.report.not_counted import BotRule, NotCounted, RefusedEvents, SilentArm
from experiments.analysis.report.realised_errors import realised_rates
from experiments.analysis.report.record import LeftOutUnits, TwoWay, TwoWayLine
from experiments.analysis.report.share_course import PhaseUnits, ShareCourse
from experiments.analysis.report.variance_reduction import ReducedArm, VarianceReduction
from experiments.analysis.report.viewer_facts import FirstViews, Overlap, ViewerFacts
from experiments.analysis.stats.results import Estimate
from experiments.models import DayCount
from tests.experiments.analysis.report.cast import WATCHED_VIDEOS, counted_study
from tests.experiments.analysis.report.test_cuts import read
from tests.experiments.analysis.report.test_realised_errors import row
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db
NOTHING = Estimate(nan, nan, nan, 0.95, "no views")


def undefined(value: Any, path: str = "") -> list[str]:
    """Return the paths of nulls that stand beside an empty or absent reason."""
    if isinstance(value, list):
        return [p for i, item in enumerate(value) for p in undefined(item, f"{path}[{i}]")]
    if not isinstance(value, dict):
        return []
    bare = [
        f"{path}.{key}"
        for key, item in value.items()
        if item is None and "reason" in value and not value["reason"]
    ]
    return bare + [p for key, item in value.items() for p in undefined(item, f"{path}.{key}")]


def test_the_document_holds_the_records_figures() -> None:
    report = build(counted_study(simulated="drawn by a model"))
    document = as_document(report)
    assert document["experiment"]["slug"] == "pilot"
    assert document["experiment"]["simulated"] == "drawn by a model"
    assert document["videos"]["included"] == 4
    for arm, entry in zip(report.arms, document["arms"], strict=True):
        assert entry["mean_ctr"]["value"] == arm.mean_ctr.value
        assert entry["mean_ctr"]["low"] == arm.mean_ctr.low
        assert entry["pooled_ctr"]["value"] == arm.pooled_ctr.value
        assert (entry["comparison"] is None) == (arm.comparison is None)
        if arm.comparison is not None:
            assert entry["comparison"]["p_value"] == arm.comparison.p_value
            assert entry["comparison"]["p_value_adjusted"] == arm.comparison.p_value_adjusted
            assert entry["comparison"]["improvement"]["high"] == arm.comparison.improvement.high


def test_the_text_is_json_that_reads_back_as_the_document() -> None:
    report = build(counted_study())
    assert json.loads(as_json(report)) == as_document(report)


def test_every_null_figure_has_its_reason() -> None:
    document = json.loads(as_json(build(make_experiment())))
    assert document["arms"][0]["mean_ctr"]["value"] is None
    assert document["arms"][1]["comparison"]["p_value"] is None
    assert undefined(document) == []


OWN_KEYS = {"steps", "shares"}  # their keys are names of steps and of arms


def keys(value: Any) -> set[str]:
    """Return the keys of a document, but for names, by which no list goes."""
    if isinstance(value, list):
        return set().union(*map(keys, value))
    if not isinstance(value, dict):
        return set()
    return set(value) | set().union(
        *(
            keys(item)
            for key, item in value.items()
            if key not in OWN_KEYS or isinstance(item, list)
        )
    )


def test_the_shape_is_the_one_that_is_written_down() -> None:
    experiment = counted_study((*WATCHED_VIDEOS, ((3, 0), (900, 50), (900, 60))), min_views=100)
    two_way = TwoWay(
        timezone.now(), 1.5, 10, 1.0, 9, 0, True, (TwoWayLine("gevaden", NOTHING, nan),)
    )
    dead = DeadBeacon("gevaden", None, None, 900, 0, 50.0, 1e-9)
    left_out = NotCounted(
        9, 1, (BotRule("bot_agent", "sent by a program", 9, 1),), frozenset({1}), 4,
        (RefusedEvents("expired", 2),), (SilentArm("raw", 10, 1),), 1,
    )  # fmt: skip
    line = FirstViews("gevaden", 9, 1, NOTHING, NOTHING, nan)
    viewers = ViewerFacts(0.13, 0.2, 1.5, (line,), (Overlap("other", 3, 9, 4),))
    DayCount.objects.update(animated=1)
    built = build(experiment)
    assert built.funnel is not None
    unlike = Unlike("gevaden", "re_seq2seq", 0.5, 0.9, 0.1, 0.18)
    carried = CarriedOver("gevaden", 9, 4, 0.1, 0.2, NOTHING, nan)
    report = replace(
        built, carry_over=(carried,), funnel=replace(built.funnel, unlike=(unlike,)),
        two_way=two_way,
        dead_arms=(dead,), not_counted=left_out,
        variance_reduction=VarianceReduction(9, (ReducedArm("gevaden", NOTHING, nan, 0.5),)),
        viewers=viewers, cuts=read({"number": [0.1, 0.2, 0.3, 0.4]}),
        realised_errors=realised_rates(row(0.05, 0.03, 0.1)),
        share_course=ShareCourse(9, (), (0.5,), 0.001, None, (PhaseUnits(1, (4, 5), (4.5, 4.5)),)),
        without_crossed=LeftOutUnits(9, 1, 20, 2),
    )  # fmt: skip
    found = keys(as_document(report))
    assert found == set(re.findall(r'"(\w+)"', document.__doc__ or ""))


def test_numbers_of_numpy_are_numbers_and_infinity_is_null() -> None:
    unbounded = Estimate(np.float64(0.5), -inf, inf, 0.95, "no limits")
    report = build(counted_study())
    arms = (replace(report.control, mean_ctr=unbounded), *report.arms[1:])
    (first, *_) = as_document(replace(report, arms=arms))["arms"]
    assert first["mean_ctr"] == {
        "value": 0.5, "low": None, "high": None, "level": 0.95, "reason": "no limits",
    }  # fmt: skip


def test_the_papers_control_has_no_improvement() -> None:
    arms = as_document(build(counted_study()))["arms"]
    assert [arm["paper"]["improvement"] for arm in arms] == [None, 0.195, 0.375]
