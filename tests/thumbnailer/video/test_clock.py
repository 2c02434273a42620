from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thumbnailer.video.clock import Clock


def times(container: str, stamps_s: list[float | None], length_s: float = 1.0) -> list[float]:
    clock = Clock(container)
    return [clock.time_s(stamp_s, length_s) for stamp_s in stamps_s]


def test_time_counts_from_the_first_stamp() -> None:
    assert times("mov", [7.5, 8.5, 10.0]) == [0.0, 1.0, 2.5]


@pytest.mark.parametrize("container", ["mpegts", "flv", "mpeg"])
def test_a_recording_whose_clock_leaps_goes_on(container: str) -> None:
    assert times(container, [0.0, 1.0, 20_000.0, 20_001.0]) == [0.0, 1.0, 2.0, 3.0]


def test_a_film_that_is_joined_to_itself_is_as_long_as_both() -> None:
    assert times("matroska,webm", [0.0, 1.0, 0.0, 1.0]) == [0.0, 1.0, 2.0, 3.0]


def test_a_still_picture_may_last_where_clocks_do_not_leap() -> None:
    assert times("matroska,webm", [0.0, 60.0]) == [0.0, 60.0]


def test_what_has_no_stamp_follows() -> None:
    assert times("h264", [None, None, None]) == [0.0, 1.0, 2.0]
    assert times("avi", [None, 40.0, None]) == [0.0, 1.0, 2.0]


def test_after_a_seek_the_stamps_tell_the_place() -> None:
    clock = Clock("mpegts", start_stamp_s=100.0)
    assert clock.time_s(500.0, 1.0) == 400.0
    assert (clock.end_s, clock.jumps) == (401.0, 0)


@given(st.lists(st.floats(0, 1e6), min_size=1), st.sampled_from(["mpegts", "mov"]))
def test_time_never_runs_back_by_more_than_rounding(stamps_s: list[float], container: str) -> None:
    found = times(container, list(stamps_s), 0.04)
    assert all(later >= earlier - 0.1 for earlier, later in pairwise(found))
