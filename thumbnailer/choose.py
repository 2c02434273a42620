"""Lets a selector rank a video's shots, and answers itself for videos too short to choose from."""

from dataclasses import dataclass

import numpy as np

from thumbnailer.features.analysis import Analysis
from thumbnailer.recipe import DEFAULT_TRIM, Trim
from thumbnailer.selection.parts.base import Candidate, Media, Selector, ShotTable
from thumbnailer.selection.parts.least_motion import calmest_s
from thumbnailer.video.fitness import names_of_faults
from thumbnailer.video.measures import FrameMeasures
from thumbnailer.video.sampling import TICKS_PER_S
from thumbnailer.video.shots import SHOT_LENGTH_S, SHOTS_IN_A_GIF, eligible_shots


@dataclass(frozen=True, slots=True)
class Choice:
    """A ranked answer.

    Attributes:
        candidates: best first, at least one.
        shot_length_s: how long each shot of a candidate is; 0 for a still.
        note: what to say about it; empty for most.
    """

    candidates: tuple[Candidate, ...]
    shot_length_s: float
    note: str


def choose(video: Analysis, selector: Selector, *, seed: int, trim: Trim = DEFAULT_TRIM) -> Choice:
    """Return the selector's candidates, or all of a video under three seconds.

    The fallback has no three disjoint one-second shots to choose: it shows the video's thirds in
    order, or as a still its calmest frame.
    """
    if len(video.features) < SHOTS_IN_A_GIF:
        return _too_short_to_choose(video.frames, selector.media)
    shots = ShotTable(video.features, eligible_shots(video.frames, trim), video.frames)
    length_s = 0.0 if selector.media is Media.STILL else SHOT_LENGTH_S
    candidates = selector.rank(shots, seed=seed)
    return Choice(candidates, length_s, _poverty(video.frames, candidates[0], length_s))


def _poverty(frames: FrameMeasures, chosen: Candidate, length_s: float) -> str:
    """Say what is wrong with the pictures chosen, where the video has no better ones."""
    names: dict[str, None] = {}
    for start_s in chosen.starts_s:
        first = round(start_s * TICKS_PER_S)
        ticks = slice(first, first + max(1, round(length_s * TICKS_PER_S)))
        names.update(dict.fromkeys(names_of_faults(frames, ticks)))
    return f"the video has nothing better: a picture is {', '.join(names)}" if names else ""


def _too_short_to_choose(frames: FrameMeasures, media: Media) -> Choice:
    if media is Media.STILL:
        still_s = calmest_s(frames, np.arange(len(frames.luma)))
        return Choice((Candidate((still_s,), 0.0),), 0.0, "the video is shorter than 3 s")
    third_s = frames.duration_s / SHOTS_IN_A_GIF
    starts_s = tuple(third_s * part for part in range(SHOTS_IN_A_GIF))
    return Choice(
        (Candidate(starts_s, 0.0),), third_s, "the video is shorter than 3 s and is shown whole"
    )
