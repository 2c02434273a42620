"""The self-audit of an experiment, as it is kept: what its design allows, in bounded time."""

from typing import Any

import numpy as np
import pytest

from experiments.analysis import realised_errors
from experiments.analysis.realised_errors import kept_errors
from experiments.analysis.stats.coded_sums import CodedSums, added_up
from experiments.unit import Unit
from tests.experiments.analysis.stats.cast import draw_sums


def kept(unit: Unit, **more: Any) -> list[dict[str, Any]]:
    sums = draw_sums(3, sticky=unit is Unit.VIEWER, **more)
    return kept_errors(added_up(sums), CodedSums.of(sums), unit)


def test_units_are_dealt_as_the_design_allows() -> None:
    both = kept(Unit.VIEWER_VIDEO)
    assert [line["kind"] for line in both] == ["split control", "permutation within videos"]
    assert [line["kind"] for line in kept(Unit.VIEWER)] == ["split control"]
    assert kept(Unit.VIDEO) == []
    for line in both:
        assert line["tests"] >= 200
        assert line["rate"]["low"] <= 0.05 <= line["rate"]["high"] + 0.03


def test_of_a_large_log_a_sample_of_viewers_is_dealt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(realised_errors, "ROWS_AT_MOST", 100)
    sums = CodedSums.of(draw_sums(3))
    sample = realised_errors._sample(sums)
    assert 0 < sample.viewer_ids.size <= 100
    whole = np.bincount(sums.viewer[sums.arm == 0])
    for viewer in np.unique(sample.viewer_ids):
        assert (sample.viewer_ids == viewer).sum() == whole[viewer]


def test_an_arm_that_was_never_shown_is_not_dealt_to() -> None:
    found = kept(Unit.VIEWER_VIDEO, arms=("raw", "seq2seq", "gevaden", "waits"))
    assert found[1]["tests"] == 600  # every arm of the four is shown
    sums = draw_sums(3)
    waiting = added_up(sums)
    views, clicks = waiting.views.copy(), waiting.clicks.copy()
    views[:, :, 2] = clicks[:, :, 2] = 0
    alone = type(waiting)(waiting.video_ids, waiting.arms, waiting.shares, views, clicks)
    assert kept_errors(alone, CodedSums.of(sums), Unit.VIEWER_VIDEO)[1]["tests"] == 200
