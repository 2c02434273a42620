"""BeautThumb: the stillest frames of the groups that fill most of the video.

The thumbnails of Song, Redi, Vallmitjana & Jaimes, "To Click or Not To Click: Automatic Selection
of Beautiful Thumbnails from Videos", CIKM 2016, as its program (yahoo/hecate) chooses them, without
the learned aesthetics. For a GIF the shots of its three best frames are threaded in time order, as
the GIF Thumbnails paper does (Baselines).
"""

import numpy as np
from numpy.typing import NDArray

from thumbnailer.results import Candidate
from thumbnailer.selection.parts.base import Declaration, Media, ShotTable
from thumbnailer.selection.parts.clusters import cluster
from thumbnailer.selection.parts.scenes import find_scenes
from thumbnailer.selection.parts.spacing import Pick, thread
from thumbnailer.video.measures import FrameMeasures
from thumbnailer.video.sampling import FEATURE_FRAMES_PER_S
from thumbnailer.video.ticks import TICKS_PER_S

CLUSTERS = 5
TICKS_PER_HISTOGRAM = TICKS_PER_S // FEATURE_FRAMES_PER_S
MOST_CLUSTERS_OF_FRAMES = 30  # Hecate: as many as scenes, which is too slow for long videos


class BeautThumb:
    """Looks at pixels only, not at features."""

    version = "beautthumb-2"
    media = Media.GIF
    note = ""

    def rank(self, shots: ShotTable, *, seed: int) -> tuple[Candidate, ...]:
        """Return up to 10 triples, by how much of the video looks like their shots.

        Where fewer than three frames are found, other eligible seconds fill up, the stillest
        first.

        Raises:
            BadFeaturesError: where the table has no measures of pictures.
        """
        shots.check_pictures()
        frames, rng = shots.frames, np.random.default_rng(seed)
        scenes = find_scenes(frames, shots.eligible)
        keyframes, lengths = _keyframes(frames, _sub_scenes(frames, scenes, rng), shots.eligible)
        picks = _picks(frames, keyframes, lengths, rng)
        first_ticks = shots.eligible[:, None] * TICKS_PER_S + np.arange(TICKS_PER_S)
        stillest = np.argsort(frames.motion[first_ticks].mean(axis=1), kind="stable")
        return thread(picks, shots.eligible[stillest].tolist(), shots.gap_s)


def _sub_scenes(
    frames: FrameMeasures, scenes: NDArray[np.int64], rng: np.random.Generator
) -> list[NDArray[np.int64]]:
    """Part each scene where its colours change; return the ticks of each part."""
    if not len(scenes):
        return []
    ticks = np.concatenate([np.arange(first, end) for first, end in scenes])
    thirds, third = np.unique(ticks // TICKS_PER_HISTOGRAM, return_inverse=True)
    histograms = frames.colour_histogram[thirds * TICKS_PER_HISTOGRAM].astype(np.float64)
    wanted = max(1, min(len(histograms) // 2, len(scenes), MOST_CLUSTERS_OF_FRAMES))
    label = cluster(histograms, wanted, rng, runs=1)[third]
    ends = np.flatnonzero((np.diff(ticks) > 1) | (np.diff(label) != 0)) + 1
    return np.split(ticks, ends)


def _keyframes(
    frames: FrameMeasures, parts: list[NDArray[np.int64]], eligible: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return (P,) the stillest tick of each part that has any in an eligible second, and lengths.

    Args:
        frames: measures of the video.
        parts: ticks of each part.
        eligible: (m,) seconds that may be chosen.
    """
    inside = [part[np.isin(part // TICKS_PER_S, eligible)] for part in parts]
    found = [
        (ticks[np.argmin(frames.motion[ticks])], len(part))
        for part, ticks in zip(parts, inside, strict=True)
        if len(ticks)
    ]
    keyframes, lengths = np.asarray(found, dtype=np.int64).reshape(-1, 2).T
    return keyframes, lengths


def _picks(
    frames: FrameMeasures,
    keyframes: NDArray[np.int64],
    lengths: NDArray[np.int64],
    rng: np.random.Generator,
) -> list[Pick]:
    """Return the second of the stillest keyframe of each group that looks alike."""
    if not len(keyframes):
        return []
    labels = cluster(frames.colour_histogram[keyframes].astype(np.float64), CLUSTERS, rng)
    picks = []
    for label in np.unique(labels):
        alike = keyframes[labels == label]
        stillest = alike[np.argmin(frames.motion[alike])]
        weight_s = float(lengths[labels == label].sum() / TICKS_PER_S)
        picks.append(Pick(int(stillest // TICKS_PER_S), weight_s))
    return picks


SELECTOR = Declaration("beautthumb", BeautThumb)
