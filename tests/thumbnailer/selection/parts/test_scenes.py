import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.thumbnailer.made_up import lively_measures, random_measures
from thumbnailer.selection.parts.scenes import PIECE_TICKS, SHORTEST_TICKS, find_scenes

EVERY_SECOND = np.arange(10)


def test_a_cut_parts_two_scenes() -> None:
    frames = lively_measures(120)
    frames.difference[:] = 0.02
    frames.edge_change[:] = 0.05
    frames.difference[60] = 0.5  # moves the ticks on both of its sides
    assert find_scenes(frames, EVERY_SECOND).tolist() == [[0, 59], [61, 120]]


def test_a_wipe_that_only_edges_show_parts_two_scenes() -> None:
    frames = lively_measures(120)
    frames.difference[:] = 0.02
    frames.edge_change[:] = 0.05
    frames.edge_change[57:61] = 0.9
    assert find_scenes(frames, EVERY_SECOND).tolist() == [[0, 57], [61, 120]]


def test_poor_frames_part_scenes_and_short_rests_are_left_out() -> None:
    frames = lively_measures(120)
    frames.difference[:] = 0.02
    frames.edge_change[:] = 0.05
    frames.luma[50:60] = 0.01
    frames.luma[62:66] = 0.01
    assert find_scenes(frames, EVERY_SECOND).tolist() == [[0, 50], [66, 120]]


def test_a_long_scene_is_cut_where_it_moves_most() -> None:
    frames = lively_measures(120)
    frames.difference[:] = 0.02
    frames.edge_change[:] = 0.05
    frames.difference[40] = 0.05
    firsts = find_scenes(frames, EVERY_SECOND)[:, 0]
    assert 40 in firsts or 41 in firsts


def test_scenes_lie_between_the_first_and_the_last_eligible_second() -> None:
    frames = lively_measures(120)
    frames.difference[:] = 0.02
    frames.edge_change[:] = 0.05
    scenes = find_scenes(frames, np.asarray([3, 4, 7]))
    assert scenes.min() == 36
    assert scenes.max() == 96


@given(st.integers(12, 600), st.integers(0, 2**32 - 1))
def test_scenes_are_disjoint_in_order_and_not_too_short(ticks: int, seed: int) -> None:
    scenes = find_scenes(random_measures(ticks, seed), np.arange(ticks // 12))
    assert (np.diff(scenes, axis=1) >= SHORTEST_TICKS).all()
    assert (scenes[1:, 0] > scenes[:-1, 1]).all()
    assert SHORTEST_TICKS < PIECE_TICKS
