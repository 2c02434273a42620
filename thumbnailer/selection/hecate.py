"""Hecate's GIFs: the liveliest scene of each of the groups that fill most of the video.

Song, Redi, Vallmitjana & Jaimes, "To Click or Not To Click: Automatic Selection of Beautiful
Thumbnails from Videos", CIKM 2016, and what its program (yahoo/hecate) does. Its GIFs are whole
scenes; here each gives its liveliest second, and three of them in time order make the GIF.
"""

import numpy as np
from numpy.typing import NDArray

from thumbnailer.results import Candidate
from thumbnailer.selection.parts.base import Declaration, Media, ShotTable
from thumbnailer.selection.parts.clusters import cluster
from thumbnailer.selection.parts.scenes import find_scenes
from thumbnailer.selection.parts.spacing import Pick, thread
from thumbnailer.video.shots import SHOTS_IN_A_GIF
from thumbnailer.video.ticks import TICKS_PER_S

CLUSTERS = 5
SHORTEST_TICKS = 3 * TICKS_PER_S // 2
LONGEST_TICKS = 9 * TICKS_PER_S // 2
STILL_MOTION = 0.01  # a scene that moves less is no GIF; Hecate's 0.05, converted


class Hecate:
    """Looks at pixels only, not at features."""

    version = "hecate-2"
    media = Media.GIF
    note = ""

    def rank(self, shots: ShotTable, *, seed: int) -> tuple[Candidate, ...]:
        """Return up to 10 triples, by how much of the video looks like their shots.

        Where fewer than three scenes are long and lively enough, all scenes may be chosen, and
        after them any eligible second, the liveliest first.

        Raises:
            BadFeaturesError: where the table has no measures of pictures.
        """
        shots.check_pictures()
        motion = shots.frames.motion
        lively = _second_means(motion)
        scenes = _with_a_shot(_scenes(shots), shots.eligible)
        others = shots.eligible[np.argsort(-lively[shots.eligible], kind="stable")]
        rng = np.random.default_rng(seed)
        labels = _labels(shots.frames.colour_histogram, scenes, rng)
        picks = [
            _pick(scenes[labels == label], motion, lively, shots.eligible)
            for label in np.unique(labels)
        ]
        return thread(picks, others.tolist(), shots.gap_s)


def _scenes(shots: ShotTable) -> NDArray[np.int64]:
    """Return (S, 2) ticks of the scenes that are long and lively enough, or of all."""
    scenes = find_scenes(shots.frames, shots.eligible)
    motion = shots.frames.motion
    fit = [
        end - first >= SHORTEST_TICKS and motion[first:end].mean() >= STILL_MOTION
        for first, end in scenes
    ]
    chosen = scenes[np.asarray(fit, dtype=bool)] if sum(fit) >= SHOTS_IN_A_GIF else scenes
    return np.asarray([_shortened(motion, *scene) for scene in chosen], np.int64).reshape(-1, 2)


def _shortened(motion: NDArray[np.float32], first: int, end: int) -> tuple[int, int]:
    """Take ticks from the end whose loss leaves the steadier rest, down to 4.5 s."""
    while end - first > LONGEST_TICKS:
        if motion[first + 1 : end].std() < motion[first : end - 1].std():
            first += 1
        else:
            end -= 1
    return first, end


def _with_a_shot(scenes: NDArray[np.int64], eligible: NDArray[np.int64]) -> NDArray[np.int64]:
    """Leave out scenes that hold no half of an eligible second."""
    return scenes[[bool(len(_inside(scene, eligible))) for scene in scenes]]


def _inside(scene: NDArray[np.int64], eligible: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the eligible seconds of which at least half lies in the scene."""
    first, end = scene
    shared = np.minimum(end, (eligible + 1) * TICKS_PER_S) - np.maximum(
        first, eligible * TICKS_PER_S
    )
    return np.asarray(eligible[shared >= TICKS_PER_S // 2])


def _labels(
    histograms: NDArray[np.uint8], scenes: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.intp]:
    """Return (S,) the group of each scene, of those that look alike."""
    if not len(scenes):
        return np.zeros(0, dtype=np.intp)
    means = [histograms[first:end].mean(axis=0, dtype=np.float64) for first, end in scenes]
    return cluster(np.stack(means), CLUSTERS, rng)


def _pick(
    scenes: NDArray[np.int64],
    motion: NDArray[np.float32],
    lively: NDArray[np.float32],
    eligible: NDArray[np.int64],
) -> Pick:
    """Return the liveliest second of the liveliest of these scenes, which all look alike."""
    liveliest = max(scenes, key=lambda scene: float(motion[scene[0] : scene[1]].mean()))
    seconds = _inside(liveliest, eligible)
    second = seconds[np.argmax(lively[seconds])]
    return Pick(int(second), float(np.diff(scenes, axis=1).sum() / TICKS_PER_S))


def _second_means(motion: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (seconds,) mean motion of each whole second."""
    whole = len(motion) // TICKS_PER_S * TICKS_PER_S
    return np.asarray(motion[:whole].reshape(-1, TICKS_PER_S).mean(axis=1))


SELECTOR = Declaration("hecate", Hecate)
