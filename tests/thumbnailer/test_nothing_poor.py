"""Nothing dark, flat or damaged is published while the film has better: judged from its pixels."""

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.thumbnailer.clips import Frame, black, scene, scenes, shared_video, write_clip
from thumbnailer.choose import choose
from thumbnailer.features.analysis import Analysis, analyse
from thumbnailer.features.efficientnet_lite import MANIFEST
from thumbnailer.registry import SELECTORS

DARK = 0.06  # of full brightness
FLAT = 0.02  # standard deviation of brightness


class Noise:
    """Features that tell nothing but that pictures differ; selectors would follow them anywhere."""

    manifest = MANIFEST

    def extract(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        rng = np.random.default_rng(int(clips.sum(dtype=np.int64)))
        return rng.random((len(clips), MANIFEST.dimension), dtype=np.float32)


def brightness(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and spread of each frame's brightness where the film ever lights up, by second.

    Returns:
        (seconds,) the darkest mean and the least spread of each second's frames.
    """
    with av.open(str(path)) as container:
        frames = [
            (frame.time, frame.reformat(width=160, height=90, format="gray").to_ndarray())
            for packet in container.demux(video=0)
            if packet.size or packet.dts is None  # Theora says by nothing that a frame stays
            for frame in packet.decode()
            if frame.time is not None
        ]
    times_s = np.asarray([time_s for time_s, _ in frames])
    film: Frame = np.stack([picture for _, picture in frames])
    lit = (film > 0.1 * 255).mean(axis=0) > 0.05
    inside = film[:, lit.any(axis=1)][:, :, lit.any(axis=0)]
    shown_s = times_s - times_s[0]
    whole = np.arange(int(shown_s[-1]) + 1)
    firsts = np.searchsorted(shown_s, whole, side="right") - 1  # the one on screen already
    ends = np.searchsorted(shown_s, whole + 1)
    runs = [inside[first:end] for first, end in zip(firsts, ends, strict=True)]
    means = np.asarray([run.mean(axis=(1, 2)).min() for run in runs])
    spreads = np.asarray([run.std(axis=(1, 2), dtype=np.float32).min() for run in runs])
    return means / 255, spreads / 255


def assert_nothing_poor_without_need(path: Path, video: Analysis) -> None:
    means, spreads = brightness(path)
    fit = (means > DARK) & (spreads > FLAT)
    assert fit[2:-2].sum() >= 3, "the film must have a choice"
    for name in SELECTORS:
        for start_s in choose(video, name).starts_s:
            second = int(start_s)
            assert fit[second], (name, start_s, means[second], spreads[second])


def dim_portrait(*, bars: bool) -> list[Frame]:
    """A dim film of 20 s, black from 8 to 13 s; between bars, a third of the picture is left."""
    pictures = []
    for number in range(20 * 12):
        lit = not 8 * 12 <= number < 13 * 12
        picture = (0.3 * scene(number // 40, width=48, height=96)(number)).astype(np.uint8) * lit
        pictures.append(np.pad(picture, ((0, 0), (56, 56), (0, 0))) if bars else picture)
    return pictures


@pytest.mark.parametrize("bars", [False, True], ids=["plain", "pillarbox"])
def test_a_dim_film_with_a_black_part(tmp_path: Path, bars: bool) -> None:
    clip = write_clip(tmp_path / "a.mp4", dim_portrait(bars=bars))
    assert_nothing_poor_without_need(clip, analyse(clip, Noise()))


def test_a_film_that_is_black_for_the_most_part(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", [*black(300), *scenes([4]), *black(200), *scenes([0, 3])])
    assert_nothing_poor_without_need(clip, analyse(clip, Noise()))


@pytest.mark.parametrize("seconds", [1, 2])
def test_of_a_black_film_what_is_lit_is_shown(tmp_path: Path, seconds: int) -> None:
    """As many shots of a GIF as there is lit, and of stills every one."""
    lit = scenes([seconds + 1])  # begins and ends between keyframes, which come each second
    clip = write_clip(tmp_path / "a.mp4", [*black(234), *lit, *black(234)])
    video = analyse(clip, Noise())
    shown = {float(second) for second in range(20, 20 + seconds)}
    for name in SELECTORS:
        chosen = choose(video, name).starts_s
        lit_ones = [start_s for start_s in chosen if int(start_s) in shown]
        assert len(lit_ones) == min(len(chosen), seconds), (name, chosen)


def test_of_a_film_of_plain_colours_nothing_black_is_shown(tmp_path: Path) -> None:
    """All of it is as flat and as blurred as can be; five seconds are black, too."""
    plain = [np.full((48, 64, 3), (90, 120 + number % 3, 60), np.uint8) for number in range(84)]
    clip = write_clip(tmp_path / "a.mp4", [*plain, *black(60), *plain])
    video = analyse(clip, Noise())
    for name in SELECTORS:
        assert not {7.0, 8, 9, 10, 11} & set(choose(video, name).starts_s), name


def test_white_bars_do_not_make_a_film_flat(tmp_path: Path) -> None:
    pictures = [
        np.pad(picture, ((0, 0), (64, 64), (0, 0)), constant_values=255)
        for picture in scenes([6, 6])
    ]
    blank = [np.full_like(pictures[0], 255)] * 60
    clip = write_clip(tmp_path / "a.mp4", [*pictures[:72], *blank, *pictures[72:]])
    video = analyse(clip, Noise())
    for name in SELECTORS:
        assert not {6.0, 7, 8, 9, 10} & set(choose(video, name).starts_s), name


@pytest.mark.parametrize(
    "name",
    ["sintel_trailer_480p.mp4", "pyscenedetect_testvideo.mp4", "caminandes_llama_drama_30s.webm"],
)
def test_real_films_with_black_parts(name: str) -> None:
    clip = shared_video(name)
    assert_nothing_poor_without_need(clip, analyse(clip, Noise()))


def test_of_a_black_film_the_note_says_so(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", black(120))
    video = analyse(clip, Noise())
    for name in ("raw", "gevaden"):
        note = choose(video, name).note
        assert note.endswith("the video has nothing better: a picture is dark, flat")


def test_of_a_fit_film_there_is_nothing_to_note(tmp_path: Path) -> None:
    video = analyse(write_clip(tmp_path / "a.mp4", scenes([4, 4, 4])), Noise())
    assert "nothing better" not in choose(video, "uniform").note


def test_of_a_damaged_film_the_note_says_how_much_is_left_out(tmp_path: Path) -> None:
    video = analyse(write_clip(tmp_path / "a.mp4", scenes([4, 4, 4])), Noise())
    video.frames.errors[60:90] = 1
    video = replace(video, is_damaged=True)
    assert choose(video, "uniform").note.endswith("the file is damaged: 2.5 s are left out")
    lossy = replace(video, skipped_packets=7)
    assert "7 packets could not be decoded, 2.5 s are left out" in choose(lossy, "uniform").note
