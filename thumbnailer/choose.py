"""Lets a selector rank a video's shots, and answers itself for videos too short to choose from."""

from dataclasses import dataclass

import numpy as np

from thumbnailer.features.analysis import Analysis
from thumbnailer.recipe import DEFAULT_TRIM, Trim
from thumbnailer.selection.parts.base import Candidate, Media, Selector, ShotTable
from thumbnailer.selection.parts.least_motion import calmest_s
from thumbnailer.video.measures import FrameMeasures
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
    return Choice(selector.rank(shots, seed=seed), length_s, "")


def _too_short_to_choose(frames: FrameMeasures, media: Media) -> Choice:
    if media is Media.STILL:
        still_s = calmest_s(frames, np.arange(len(frames.luma)))
        return Choice((Candidate((still_s,), 0.0),), 0.0, "the video is shorter than 3 s")
    third_s = frames.duration_s / SHOTS_IN_A_GIF
    starts_s = tuple(third_s * part for part in range(SHOTS_IN_A_GIF))
    return Choice(
        (Candidate(starts_s, 0.0),), third_s, "the video is shorter than 3 s and is shown whole"
    )
