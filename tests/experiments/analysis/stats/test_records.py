from typing import Any

import numpy as np
import pytest

from experiments.analysis.stats.errors import InputError, StatsError
from experiments.analysis.stats.records import (
    VideoCounts,
    VideoRatios,
    ViewerVideoSums,
    check_level,
)

ARMS = ("raw", "gif")
GOOD: dict[str, Any] = {
    "video_ids": [1, 2],
    "arms": ARMS,
    "views": [[10, 10], [10, 0]],
    "clicks": [[1, 2], [10, 0]],
}


def test_takes_lists_and_makes_read_only_int64() -> None:
    counts = VideoCounts(**GOOD)
    assert counts.views.dtype == np.int64
    assert not counts.views.flags.writeable
    np.testing.assert_array_equal(counts.ctr, [[0.1, 0.2], [1.0, np.nan]])


def test_leaves_the_callers_array_writeable() -> None:
    views = np.array(GOOD["views"], dtype=np.int64)
    VideoCounts(**{**GOOD, "views": views})
    views[0, 0] = 11


def test_whole_floats_are_counts() -> None:
    assert VideoCounts(**{**GOOD, "views": [[10.0, 10.0], [10.0, 0.0]]}).views.dtype == np.int64


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"clicks": [[1, 11], [1, 0]]}, r"clicks == 11 at \(0, 1\), must be at most the views"),
        ({"views": [[10, -1], [10, 0]]}, "views has -1, must not be negative"),
        ({"views": [[10, 2.5], [10, 0]]}, "views has 2.5, must be whole numbers"),
        ({"views": [[10, np.nan], [10, 0]]}, "views has nan, must be finite"),
        ({"views": [[10, np.inf], [10, 0]]}, "views has inf, must be finite"),
        ({"views": [[10, 2**60], [10, 0]]}, "must be at most 9007199254740992"),
        ({"views": [["a", "b"], ["c", "d"]]}, "must be numbers"),
        ({"views": [[10, 10]]}, r"views.shape == \(1, 2\), must be \(2, 2\)"),
        ({"video_ids": [1, 1]}, "video_ids has 1 twice, must be distinct"),
        ({"video_ids": [1.0, 2.0]}, "must be integer ids"),
        ({"arms": ("raw",)}, "must be a control and at least one other arm"),
        ({"arms": ()}, "must be a control and at least one other arm"),
        ({"arms": ("raw", "raw")}, "must be distinct, non-empty keys"),
        ({"arms": ("raw", "")}, "must be distinct, non-empty keys"),
    ],
)
def test_refuses_counts_that_cannot_be(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        VideoCounts(**{**GOOD, **change})


def test_errors_are_value_errors_of_the_room() -> None:
    assert issubclass(InputError, StatsError)
    assert issubclass(StatsError, ValueError)


def test_no_videos_is_an_experiment_without_data() -> None:
    empty = VideoCounts(
        np.zeros(0, np.int64), ARMS, np.zeros((0, 2), np.int64), np.zeros((0, 2), np.int64)
    )
    assert empty.ctr.shape == (0, 2)


def test_finds_arms_by_key() -> None:
    counts = VideoCounts(**GOOD)
    assert counts.arm_index("gif") == 1
    with pytest.raises(InputError, match="arm == 'webp', must be one of"):
        counts.arm_index("webp")


def test_keeps_the_chosen_videos() -> None:
    kept = VideoCounts(**GOOD).where(np.array([False, True]))
    assert kept.video_ids.tolist() == [2]
    assert kept.clicks.tolist() == [[10, 0]]


def test_ratios_of_counts_are_their_ctr() -> None:
    counts = VideoCounts(**GOOD)
    np.testing.assert_array_equal(counts.as_ratios().ratios, counts.ctr)


@pytest.mark.parametrize(
    ("numerators", "message"),
    [
        ([[1.5, 2.0], [3.0, -1.0]], "numerators has -1.0, must not be negative"),
        ([[1.5, 2.0], [3.0, np.nan]], "numerators has nan, must be finite"),
        ([[1.5, 2.0], [3.0, 1.0]], "must be 0 where denominators == 0"),
    ],
)
def test_refuses_ratios_that_cannot_be(numerators: list[list[float]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        VideoRatios(np.array([1, 2]), ARMS, np.array(numerators), GOOD["views"])


def sums(**change: Any) -> ViewerVideoSums:
    good: dict[str, Any] = {
        "viewer_ids": [1, 2],
        "video_ids": [5, 5],
        "stratum": [0, 0],
        "arm_index": [0, 1],
        "views": [2, 1],
        "clicks": [1, 0],
        "arms": ARMS,
        "shares": [[1, 1]],
    }
    return ViewerVideoSums(**{**good, **change})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"arm_index": [0, 2]}, "arm_index == 2, must be below 2"),
        ({"stratum": [1, 0]}, "stratum == 1, must be below 1"),
        ({"arm_index": [0, -1]}, "arm_index has -1, must not be negative"),
        ({"clicks": [3, 0]}, r"clicks == 3 at \(0,\), must be at most the views there, 2"),
        ({"video_ids": [5]}, r"video_ids.shape == \(1,\), must be \(2,\)"),
        ({"viewer_ids": [1.5, 2.0]}, "viewer_ids has type float64, must be integer ids"),
        ({"arms": ("raw",)}, "must be a control and at least one other arm"),
    ],
)
def test_refuses_cells_that_cannot_be(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        sums(**change)


def test_keeps_the_chosen_cells() -> None:
    assert sums().where(np.array([False, True])).viewer_ids.tolist() == [2]


@pytest.mark.parametrize("level", [0.0, 1.0, 95, float("nan")])
def test_a_level_is_a_probability(level: float) -> None:
    with pytest.raises(InputError, match="must be between 0 and 1"):
        check_level(level)


def test_videos_may_come_in_any_order() -> None:
    counts = VideoCounts(np.array([7, 3]), ("a", "b"), np.ones((2, 2), int), np.zeros((2, 2), int))
    assert counts.video_ids.tolist() == [7, 3]
