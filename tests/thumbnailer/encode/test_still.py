from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from tests.thumbnailer.clips import Frame, black, scene, scenes
from tests.thumbnailer.video.test_transitions import flight
from thumbnailer.encode.still import MARGIN_FRAMES, best_frame, encode_still


def test_a_still_is_little_changed() -> None:
    frame = scene(3)(4)
    decoded = np.asarray(Image.open(BytesIO(encode_still(frame))), float)
    assert np.square(decoded - frame).mean() < 60


@pytest.mark.parametrize("size", [(2, 2), (180, 102), (134, 320)])
def test_any_size_is_encoded(size: tuple[int, int]) -> None:
    frame = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    assert Image.open(BytesIO(encode_still(frame))).size == size[::-1]


def shots_of(*shots: list[Frame]) -> NDArray[np.uint8]:
    """Shots of twelve frames each, their first and last ones also standing around them."""
    return np.stack(
        [[shot[0]] * MARGIN_FRAMES + shot + [shot[-1]] * MARGIN_FRAMES for shot in shots]
    )


def soft(frame: Frame) -> Frame:
    return np.asarray(Image.fromarray(frame).filter(ImageFilter.GaussianBlur(3)))


def test_the_first_frame_is_taken_where_no_other_looks_better() -> None:
    assert best_frame(shots_of([scene(1)(0)] * 12, black(12))) == (0, 0)


def grayish(frame: Frame, colour: float) -> Frame:
    gray = frame.mean(axis=2, keepdims=True)
    return np.asarray(gray + colour * (frame - gray), np.uint8)


def test_of_frames_without_fault_the_most_colourful_and_sharp_is_taken() -> None:
    good = scene(1)(0)
    dull = [grayish(good, 0.3)] * 5 + [good] + [grayish(good, 0.3)] * 6
    assert best_frame(shots_of(dull, [good] * 12)) == (0, 5)
    hazy = [(0.85 * good + 20).astype(np.uint8)] * 8 + [good] * 4
    assert best_frame(shots_of(hazy)) == (0, 8)


def test_dark_flat_and_blurred_frames_are_no_still() -> None:
    good = scenes([1])
    flat = [np.full_like(good[0], 120)]
    assert best_frame(shots_of([*black(2), *flat, *good[3:]])) == (0, 3)
    assert best_frame(shots_of([soft(good[0]), soft(good[1]), *good[2:]])) == (0, 2)


def test_what_passes_in_haste_is_no_still() -> None:
    """It is blurred where it moves, though it may have the strongest edges and colours."""
    calm = grayish(scene(1)(0), 0.5)
    passes = calm.copy()
    passes[8:40, 16:48] = [[[250, 40, 20]], [[20, 40, 250]]] * 16
    assert best_frame(shots_of([calm] * 4 + [passes] + [calm] * 7))[1] != 4
    assert best_frame(shots_of([calm] * 4 + [passes] * 8))[1] == 4, "what came and stays is shown"


def test_a_shot_is_judged_beside_itself_alone() -> None:
    smooth, sharp = [soft(frame) for frame in scenes([1])], scenes([0, 1])
    assert best_frame(shots_of(smooth, sharp)) == (0, 0)


def test_where_a_whole_shot_has_faults_the_next_is_taken() -> None:
    assert best_frame(shots_of(black(12), scenes([1]))) == (1, 0)


def test_of_dark_frames_the_lightest_is_taken() -> None:
    dim = [(frame * (0.02 + 0.01 * (number == 7))).astype(np.uint8)
           for number, frame in enumerate(scenes([1]))]  # fmt: skip
    assert best_frame(shots_of(dim)) == (0, 7)
    assert best_frame(shots_of(black(12))) == (0, 0)


@pytest.mark.parametrize("begins", [-3, 0, 3, 8])
@pytest.mark.parametrize("kind", ["dissolve", "wipe"])
def test_a_frame_amid_a_transition_is_no_still(begins: int, kind: str) -> None:
    """A transition of five frames, of which the shot's first may be within it."""
    frames = []
    for number in range(-MARGIN_FRAMES, 12 + MARGIN_FRAMES):
        share = float(np.clip((number - begins + 1) / 6, 0, 1))
        old, new = (scene(which)(number + MARGIN_FRAMES) for which in (0, 1))
        if kind == "dissolve":
            frames.append(((1 - share) * old + share * new).astype(np.uint8))
        else:
            edge = round(64 * share)
            frames.append(np.concatenate([new[:, :edge], old[:, edge:]], axis=1))
    shot, frame = best_frame(np.stack(frames)[None])
    assert shot == 0
    assert not begins <= frame < begins + 5


@pytest.mark.parametrize("begins", [0, 3, 8])
def test_a_frame_of_two_scenes_that_push_each_other_out_is_no_still(begins: int) -> None:
    count = 12 + 2 * MARGIN_FRAMES
    old, new = flight(1, 20, 130, 2, count), flight(2, 90, 240, 3, count)
    frames = []
    for number in range(count):
        edge = int(np.clip(64 * (number - MARGIN_FRAMES - begins + 1) / 6, 0, 64))
        frames.append(np.concatenate([old[number, :, edge:], new[number, :, :edge]], axis=1))
    _, frame = best_frame(np.stack(frames)[None, ..., None].repeat(3, axis=-1))
    assert not begins <= frame < begins + 5
