"""Films of two scenes with a transition, a cut or nothing between them, and what is mixed in them.

Scenes are taken from real videos, mirrored, turned about, lighter or darker and faster; or made:
a landscape of blocks past which a camera flies. All are as the decoding pass sees them: gray, 64 x
36 pixels, twelve pictures a second.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, median_filter

from thumbnailer.training.transitions.mixes import MIXES, OFTEN, SLOW
from thumbnailer.video.decoding_log import DecodingLog
from thumbnailer.video.sampling import GRAY_HEIGHT, GRAY_WIDTH, sample_video
from thumbnailer.video.ticks import TICKS_PER_S

TICKS = 52
BEGINS_TICKS = (14, 26)  # the first tick of a transition is one of these
LENGTHS_TICKS = [(2.5, 6.5), (3, 14)]
LONG_TICKS = (12, 30)  # of dissolves and fades, too
SPEEDS = (1, 1, 1, 1.5, 2, 3)
CUT_CHANGE, CUT_SHARE = 0.05, 3.5  # of full brightness; of the median change around it
NEAR_TICKS = 3  # a transition that is known may reach so far beyond its ends
LEAST_SHARE = 0.06  # of either scene, in a picture that counts as mixed
LEAST_CHANGE = 12  # of 255, from scene to scene: less is hardly seen
MADE = 0.3  # of scenes are made ...
PLAIN = 0.4  # ... and of these plain
BACKWARDS = 0.3
MIXED, WHOLE, UNKNOWN = 1, 0, -1
KINDS = {"transition": 0.5, "cut": 0.2, "flash": 0.05, "thing": 0.04, "none": 0.21}

Pictures = NDArray[np.uint8]  # (T, 36, 64)


@dataclass(frozen=True, slots=True)
class Footage:
    """A video to take scenes from.

    Attributes:
        pictures: (T, 36, 64).
        is_amid: (T,) bool: in a transition of its own, as far as is known, or beside one.
        is_cut: (T,) bool: the first after a cut.
    """

    pictures: Pictures
    is_amid: NDArray[np.bool_]
    is_cut: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LabelledFilm:
    """A film to learn from.

    Attributes:
        pictures: (52, 36, 64).
        labels: (52,) int8: ``MIXED``, ``WHOLE`` or ``UNKNOWN``.
        kind: one of KINDS.
    """

    pictures: Pictures
    labels: NDArray[np.int8]
    kind: str


def read_footage(path: Path, known_s: Sequence[tuple[float, float]]) -> Footage:
    """Return a video's pictures.

    Args:
        path: of the video.
        known_s: from when to when it has transitions of its own.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    samples = sample_video(path, rgb_size=1, log=DecodingLog())
    pictures = np.concatenate([[each.gray] * (each.end_tick - each.first_tick) for each in samples
                               if each.end_tick > each.first_tick])  # fmt: skip
    is_amid = np.zeros(len(pictures), bool)
    for from_s, to_s in known_s:
        is_amid[int(from_s * TICKS_PER_S) : int(to_s * TICKS_PER_S) + 1] = True
    is_amid = maximum_filter1d(is_amid, 2 * NEAR_TICKS + 1)
    change = np.abs(np.diff(pictures / 255, axis=0, prepend=pictures[:1] / 255)).mean(axis=(1, 2))
    is_cut = (change > CUT_CHANGE) & (change > CUT_SHARE * median_filter(change, 13))
    return Footage(pictures, is_amid, is_cut)


def labelled_film(rng: np.random.Generator, footage: Sequence[Footage]) -> LabelledFilm:
    """Return a film of scenes drawn from this footage."""
    kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
    if kind == "none":
        return LabelledFilm(*_stretch(rng, footage), kind)
    old = _scene(rng, footage)
    if kind == "transition":
        return _with_transition(rng, old, _scene(rng, footage))
    disturbed = {"cut": _with_cut, "flash": _with_flash, "thing": _with_thing}[kind]
    film = disturbed(rng, old, lambda: _scene(rng, footage))
    return LabelledFilm(film, np.full(TICKS, WHOLE, np.int8), kind)


def _with_transition(rng: np.random.Generator, old: Pictures, new: Pictures) -> LabelledFilm:
    often = rng.random() < 0.5
    name = str(rng.choice(OFTEN if often else list(MIXES)))
    mix, lengths = MIXES[name], LENGTHS_TICKS + [LONG_TICKS] * (name in SLOW)
    begin, length = rng.uniform(*BEGINS_TICKS), rng.uniform(*lengths[rng.integers(len(lengths))])
    shares = np.clip((np.arange(TICKS) - begin) / length, 0, 1)
    pairs = zip(old.astype(np.float32), new.astype(np.float32), shares, strict=True)
    film = np.stack([mix(one, other, float(share)) for one, other, share in pairs])
    is_mixed = (shares > LEAST_SHARE) & (shares < 1 - LEAST_SHARE)
    labels = np.where(is_mixed, MIXED, np.where((shares > 0) & (shares < 1), UNKNOWN, WHOLE))
    if np.abs(old[int(begin)].astype(int) - new[int(begin)]).mean() < LEAST_CHANGE:
        labels[is_mixed] = UNKNOWN
    if rng.random() < BACKWARDS:
        film, labels = film[::-1], labels[::-1]
    return LabelledFilm(film.astype(np.uint8), labels.astype(np.int8), "transition")


def _with_cut(rng: np.random.Generator, old: Pictures, another: Callable[[], Pictures]) -> Pictures:
    """Return a film with a cut, with a mixed picture in one of three, or with two cuts."""
    cut, last = int(rng.integers(*BEGINS_TICKS)), int(rng.integers(1, 8))
    new = another()
    film = np.concatenate([old[:cut], new[cut:]])
    if rng.random() < 1 / 3:
        film[cut] = (old[cut].astype(int) + new[cut]) // 2
    elif rng.random() < 1 / 2:
        film[cut : cut + last] = another()[:last]
    return film


def _with_flash(
    rng: np.random.Generator, old: Pictures, another: Callable[[], Pictures]
) -> Pictures:
    """Return a film with light that comes at once and goes slowly, or a shadow."""
    del another
    begin, lasts = int(rng.integers(*BEGINS_TICKS)), int(rng.integers(1, 5))
    light = rng.uniform(40, 200) * rng.choice([1, 1, -0.5])
    after = np.arange(TICKS - begin) - lasts
    course = light * np.exp(-np.maximum(after, 0) / rng.uniform(0.2, 3))
    film = old.astype(np.float32)
    film[begin:] += course[:, None, None]
    return film.clip(0, 255).astype(np.uint8)


def _with_thing(
    rng: np.random.Generator, old: Pictures, another: Callable[[], Pictures]
) -> Pictures:
    """Return a film past whose camera something goes, of a plain colour or with a look."""
    film, look = old.copy(), another()
    width, speed = int(rng.integers(8, 27)), int(rng.integers(4, 15))
    begin, colour = int(rng.integers(*BEGINS_TICKS)), rng.choice([*range(0, 256, 32)])
    is_plain = rng.random() < 0.5
    for number in range(min((GRAY_WIDTH + width) // speed, TICKS - begin)):
        place = slice(max(0, speed * number - width), max(0, speed * number))
        film[begin + number, 4:32, place] = colour if is_plain else look[0, 4:32, place]
    return film


def _stretch(
    rng: np.random.Generator, footage: Sequence[Footage]
) -> tuple[Pictures, NDArray[np.int8]]:
    """Return a stretch of a video as it is, with its cuts, or a made scene; and what is known."""
    if rng.random() < MADE:
        return made_scene(rng), np.full(TICKS, WHOLE, np.int8)
    video, ticks = _draw(rng, footage)
    labels = np.where(video.is_amid[ticks], UNKNOWN, WHOLE).astype(np.int8)
    return _varied(rng, video.pictures[ticks]), labels


def _scene(rng: np.random.Generator, footage: Sequence[Footage]) -> Pictures:
    """Return a scene without a cut or a transition, made or of a video."""
    while rng.random() >= MADE:
        video, ticks = _draw(rng, footage)
        span = slice(ticks[0] + 1, ticks[-1] + 1)
        if not video.is_amid[span].any() and not video.is_cut[span].any():
            return _varied(rng, video.pictures[ticks])
    return made_scene(rng)


def _draw(rng: np.random.Generator, footage: Sequence[Footage]) -> tuple[Footage, NDArray[np.intp]]:
    video = footage[int(rng.integers(len(footage)))]
    speed = min(float(rng.choice(SPEEDS)), (len(video.pictures) - 1) / TICKS)
    first = rng.integers(0, max(1, len(video.pictures) - int(TICKS * speed)))
    return video, (first + np.arange(TICKS) * speed).astype(np.intp)


def _varied(rng: np.random.Generator, pictures: Pictures) -> Pictures:
    """Return the pictures mirrored, turned about, lighter or darker, each in one of two."""
    mirror, turn, relight = rng.random(3) < 0.5
    pictures = pictures[:, :, ::-1] if mirror else pictures
    pictures = pictures[:, ::-1] if turn else pictures
    gamma, most = np.exp(rng.normal(0, 0.3)), rng.uniform(0.7, 1)
    tones = (255 * most * (np.arange(256) / 255) ** gamma).astype(np.uint8)
    return tones[pictures] if relight else pictures


def made_scene(rng: np.random.Generator) -> Pictures:
    """Return a plain colour, or a landscape of blocks past which a camera flies."""
    if rng.random() < PLAIN:
        colour = int(rng.choice([0, 0, 0, 255, 255, *range(16, 240, 32)]))
        return np.full((TICKS, GRAY_HEIGHT, GRAY_WIDTH), colour, np.uint8)
    low = int(rng.integers(0, 150))
    high, block_px = int(rng.integers(low + 40, 256)), int(rng.choice([2, 3, 4, 6, 9]))
    step_px = float(rng.choice([0, 0.5, 1, 2, 3, 5, 7]))
    size = GRAY_HEIGHT // block_px + 1, int(GRAY_WIDTH + TICKS * step_px) // block_px + 2
    land = rng.integers(low, high, size).astype(np.float64)
    land = land.repeat(block_px, 0).repeat(block_px, 1)[:GRAY_HEIGHT]
    if rng.random() < 0.6:
        land = land * np.linspace(rng.uniform(0.2, 1), rng.uniform(0.2, 1), land.shape[1])
    places = (np.arange(TICKS) * step_px).astype(int)
    return _varied(
        rng, np.stack([land[:, place : place + GRAY_WIDTH] for place in places]).astype(np.uint8)
    )
