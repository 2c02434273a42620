from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thumbnailer.clips import black, dissolve, scenes, shared_video, write_clip
from tests.thumbnailer.made_up import frozen_measures, lively_measures, random_measures
from thumbnailer.settings import Skip, Trim
from thumbnailer.video.decoding_log import DecodingLog
from thumbnailer.video.fitness import transition_ticks
from thumbnailer.video.measures import FrameMeasures, Measurer
from thumbnailer.video.sampling import sample_video
from thumbnailer.video.shots import cut_ticks, eligible_shots, shot_count


def measure(path: Path) -> FrameMeasures:
    measurer = Measurer()
    for sample in sample_video(path, rgb_size=32, log=DecodingLog()):
        measurer.add(sample)
    return measurer.finish(DecodingLog())


def test_cuts_are_found_where_the_scene_changes(tmp_path: Path) -> None:
    frames = measure(write_clip(tmp_path / "a.mp4", scenes([2, 1.5, 3])))
    assert np.flatnonzero(cut_ticks(frames)).tolist() == [24, 42]


def test_cuts_of_a_real_clip_are_where_its_joints_are() -> None:
    frames = measure(shared_video("mdn_toys_concat_50s.mp4"))
    cuts_s = np.flatnonzero(cut_ticks(frames)) / 12
    assert cuts_s == pytest.approx([12.0, 19.8, 27.8, 34.4, 42.6], abs=0.1)


def test_one_long_take_has_no_cut() -> None:
    assert not cut_ticks(measure(shared_video("simpl_bike_ride.webm"))).any()


def test_first_and_last_seconds_black_and_avoidable_cuts_are_left_out(tmp_path: Path) -> None:
    # Seconds:   0-3 scene, 4 black, 5-7 scene, a cut within 8, 9-13 scene.
    pictures = [*scenes([4]), *black(12), *scenes([0, 3.5]), *scenes([0, 0, 5.5])]
    frames = measure(write_clip(tmp_path / "a.mp4", pictures))
    assert shot_count(frames) == 14
    assert eligible_shots(frames).tolist() == [2, 3, 5, 6, 7, 9, 10, 11]


def test_dissolves_and_fades_are_known_to_the_tick(tmp_path: Path) -> None:
    # Ticks: 0-35 scene 0, 36-47 a dissolve, 48-83 scene 1, 84-95 a fade, 96-107 black.
    first, second = scenes([3, 3])[:36], scenes([3, 3])[36:]
    fade = [(frame * (1 - share)).astype(np.uint8)
            for frame, share in zip(second[:12], np.linspace(0.1, 1, 12), strict=True)]  # fmt: skip
    pictures = [*first, *dissolve(0, 1, 12), *second, *fade, *black(12)]
    found = np.flatnonzero(transition_ticks(measure(write_clip(tmp_path / "a.mp4", pictures))))
    wanted = [*range(36, 48), *range(84, 96)]
    assert len(set(found) ^ set(wanted)) <= 4  # one tick at each end


def test_neither_cuts_nor_movement_are_dissolves(tmp_path: Path) -> None:
    frames = measure(write_clip(tmp_path / "a.mp4", scenes([2, 1.5, 0.2, 3])))
    assert not transition_ticks(frames).any()
    assert not transition_ticks(measure(shared_video("simpl_bike_ride.webm"))).any()
    assert not transition_ticks(measure(shared_video("mdn_toys_concat_50s.mp4"))).any()


def test_transitions_of_a_real_clip_are_where_a_viewer_sees_them() -> None:
    frames = measure(shared_video("pyscenedetect_testvideo.mp4"))
    edges = np.flatnonzero(np.diff(transition_ticks(frames).astype(int))).reshape(-1, 2)
    middles_s = (edges.mean(axis=1) + 0.5) / 12
    assert middles_s == pytest.approx([7.5, 11.5, 13.6, 18.1, 22.6], abs=0.15)


@pytest.mark.parametrize(
    ("seconds", "damaged", "taken"),
    [
        (8, [(36, 60)], [0, 1, 2, 5, 6, 7]),
        (5, [(24, 36)], [0, 3, 4]),
        (5, [(12, 36), (46, 48)], [0, 3, 4]),
    ],
    ids=["midway", "the only one between intro and outro", "throughout, or a little"],
)
def test_of_a_damaged_film_the_least_damaged_seconds_are_taken(
    seconds: int, damaged: list[tuple[int, int]], taken: list[int]
) -> None:
    frames = lively_measures(12 * seconds)
    for first, end in damaged:
        frames.errors[first:end] = 1
    assert eligible_shots(frames).tolist() == taken


def test_seconds_of_a_dissolve_are_left_out(tmp_path: Path) -> None:
    pictures = [*scenes([6]), *dissolve(0, 1, 12), *scenes([0, 6])]
    frames = measure(write_clip(tmp_path / "a.mp4", pictures))
    assert eligible_shots(frames).tolist() == [2, 3, 4, 5, 7, 8, 9, 10]


@pytest.mark.parametrize("ticks", [4, 6, 12])
@pytest.mark.parametrize("axis", [0, 1])
def test_seconds_of_a_wipe_are_left_out(tmp_path: Path, ticks: int, axis: int) -> None:
    first, second = scenes([7]), scenes([0, 7])
    wipe = []
    for number in range(ticks):
        shown = np.arange(first[0].shape[axis]) < (number + 1) / (ticks + 1) * first[0].shape[axis]
        mask = shown[:, None, None] if axis == 0 else shown[None, :, None]
        wipe.append(np.where(mask, second[number], first[number]))
    frames = measure(write_clip(tmp_path / "a.mp4", [*first[:76], *wipe, *second]))
    assert 6 not in eligible_shots(frames)
    assert {5, 8} <= set(eligible_shots(frames).tolist())


def test_where_all_is_mixed_there_is_a_choice_still() -> None:
    frames = frozen_measures(120)
    frames.transition[:] = 1.0
    assert eligible_shots(frames).tolist() == list(range(2, 8))


def test_cuts_in_every_second_cannot_be_avoided(tmp_path: Path) -> None:
    frames = measure(write_clip(tmp_path / "a.mp4", scenes([0.5, *[1.0] * 9, 0.5])))
    assert eligible_shots(frames).tolist() == list(range(2, 8))


def test_a_dark_film_keeps_its_inner_seconds(tmp_path: Path) -> None:
    frames = measure(write_clip(tmp_path / "a.mp4", black(120)))
    assert eligible_shots(frames).tolist() == list(range(2, 8))


def test_a_short_video_uses_all_it_has(tmp_path: Path) -> None:
    frames = measure(write_clip(tmp_path / "a.mp4", scenes([4])))
    assert eligible_shots(frames).tolist() == [0, 1, 2, 3]


@settings(deadline=None)  # time is measured elsewhere
@given(st.integers(0, 400), st.integers(0, 2**32 - 1))
def test_there_are_always_three_where_the_video_has_three(ticks: int, seed: int) -> None:
    frames = random_measures(ticks, seed)
    found = eligible_shots(frames)
    assert len(found) >= min(3, ticks // 12)
    assert (np.diff(found) > 0).all()
    assert ((found >= 0) & (found < max(1, ticks // 12))).all()


@pytest.mark.parametrize(
    ("intro", "outro", "wanted"),
    [
        (Skip(seconds=4), Skip(seconds=2.5), range(4, 17)),
        (Skip(share=0.1), Skip(share=0.25), range(2, 15)),
        (Skip(seconds=1, share=0.1), Skip(), range(3, 20)),
        (Skip(), Skip(), range(20)),
        (Skip(seconds=15), Skip(seconds=15), range(20)),  # nothing is left: all is let in
        (Skip(share=0.9), Skip(share=0.9), range(20)),
    ],
)
def test_intro_and_outro_are_seconds_or_a_share(intro: Skip, outro: Skip, wanted: range) -> None:
    frames = frozen_measures(20 * 12)
    assert eligible_shots(frames, Trim(intro, outro)).tolist() == list(wanted)


@given(st.integers(0, 400), st.integers(0, 2**32 - 1), st.integers(0, 60), st.floats(0, 0.99))
def test_whatever_is_left_out_three_remain(ticks: int, seed: int, intro: int, outro: float) -> None:
    frames = random_measures(ticks, seed)
    count, trim = ticks // 12, Trim(Skip(seconds=intro), Skip(share=outro))
    found = eligible_shots(frames, trim)
    assert len(found) >= min(3, count)
    if count - trim.intro.shots(count) - trim.outro.shots(count) >= 3:
        assert found.min() >= intro


def test_where_all_shots_have_black_pictures_those_with_light_are_taken(tmp_path: Path) -> None:
    """A third of a second is lit in one of them."""
    pictures = [*black(100), *scenes([1 / 3]), *black(136)]
    frames = measure(write_clip(tmp_path / "a.mp4", pictures))
    found = eligible_shots(frames)
    assert len(found) == 3
    assert 100 // 12 in found
