"""Our own selector: the three best seconds of different scenes, far apart, the best one first.

A second's appeal is a weighted mean of ranks within its film (`parts.cues`): what the shot scorer
makes of its features, and sharpness, exposure, colour, motion, the largest face and the absence of
lettering. Of the most appealing seconds it takes the three of the highest sum that

- are a twentieth of the film apart, as three of four GIFs are that people annotated (the lower
  quartile of the smallest gap in 5,265 GIFs is 5.0 % of the film), and keep the site's gap; and
- are of different scenes: no two are more alike than half of all pairs are.

Where no three can, scenes may be more alike, then shots nearer. The best one plays first, the
others in time order. The weights count all cues alike and the scorer as much as all of them.
"""

from collections.abc import Iterator
from itertools import product
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from thumbnailer.features.efficientnet_lite import MANIFEST
from thumbnailer.results import Candidate
from thumbnailer.selection.parts.base import Declaration, Media, ShotTable
from thumbnailer.selection.parts.cues import appeal, cue_ranks
from thumbnailer.selection.parts.spacing import best_apart, non_maximum_suppression, widest_gap
from thumbnailer.video.shots import SHOTS_IN_A_GIF

RULE = 2  # raise it when it would answer otherwise
POOL = 60  # of the most appealing seconds, spread over the film
GAP_SHARE = 0.05
UNLIKE_SHARES = (0.5, 0.25)  # of all pairs, than which two shots are less alike
CANDIDATES = 10


class Scorer(Protocol):
    """A model that scores seconds by their features."""

    version: str

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (n,) scores of (n, D) features."""
        ...


class Appeal:
    """Selects by the features' score and by what can be measured of pictures."""

    media = Media.GIF
    note = ""

    def __init__(self, scorer: Scorer) -> None:
        """Take the scorer of features."""
        self._scorer = scorer
        self.version = f"appeal-{RULE}-{scorer.version}"

    def rank(self, shots: ShotTable, *, seed: int) -> tuple[Candidate, ...]:
        """Return up to 10 triples, which differ in two shots at least; the seed changes nothing.

        Raises:
            BadFeaturesError: where the table has no measures of pictures, or features of another
                network.
        """
        del seed
        worth = appeal(self.cues(shots), shots.cue_weights)
        pool = _pool(worth, shots.eligible, shots.gap_s)
        seconds, worth = shots.eligible[pool], worth[pool]
        triples = _triples(len(pool))
        gaps_s = np.diff(seconds[triples], axis=1).min(axis=1)
        unlike = _unlikeness(shots.features[seconds])
        nearest = np.min([unlike[triples[:, a], triples[:, b]] for a, b in _PAIRS], axis=0)
        limits = _limits(shots, unlike, widest_gap(seconds, shots.gap_s))
        fit = next(f for g, u in limits if (f := (gaps_s >= g) & (nearest >= u)).any())
        sums = worth[triples].sum(axis=1)
        best = np.flatnonzero(fit)[np.argsort(-sums[fit], kind="stable")]
        chosen = _unlike_each_other(triples[best])
        return tuple(
            Candidate(_best_first(seconds[one], worth[one]), float(worth[one].sum()))
            for one in chosen
        )

    def cues(self, shots: ShotTable) -> NDArray[np.float64]:
        """Return (m, 7) the cues of what may be chosen, as ranks, in the order of CueWeights."""
        shots.check_pictures()
        return cue_ranks(shots, self._scorer.scores(shots.features))


_PAIRS = ((0, 1), (0, 2), (1, 2))


def _pool(worth: NDArray[np.float64], seconds: NDArray[np.int64], gap_s: int) -> NDArray[np.int64]:
    """Return increasing places of the best triple there is, and of others all over the film."""
    spread_s = max(1, len(seconds) // POOL)
    ranking = seconds[np.argsort(-worth, kind="stable")]
    wide = non_maximum_suppression(ranking, spread_s, POOL)
    sure = best_apart(worth, seconds, gap_s, SHOTS_IN_A_GIF)
    return np.searchsorted(seconds, np.union1d(wide, sure))


def _triples(count: int) -> NDArray[np.int64]:
    """Return (T, 3) all triples of so many places, increasing."""
    first, second, third = np.indices((count,) * 3, dtype=np.int64).reshape(3, -1)
    increasing = (first < second) & (second < third)
    return np.stack([first, second, third], axis=1)[increasing]


def _unlikeness(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (p, p) cosine distances."""
    rows = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    return np.asarray(1 - rows @ rows.T)


def _limits(
    shots: ShotTable, unlike: NDArray[np.float32], least_s: int
) -> Iterator[tuple[int, float]]:
    """Yield the least gap and the least unlikeness, from what is wanted to what can be had."""
    wide_s = max(shots.gap_s, round(GAP_SHARE * len(shots.features)))
    pairs = unlike[np.triu_indices(len(unlike), 1)]
    for share, gap_s in product(UNLIKE_SHARES, (wide_s, least_s)):
        yield gap_s, float(np.quantile(pairs, share))
    yield wide_s, -np.inf
    yield least_s, -np.inf


def _unlike_each_other(triples: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return those that share at most one shot with any before."""
    kept: list[set[int]] = []
    for triple in map(set, triples.tolist()):
        if all(len(triple & other) < SHOTS_IN_A_GIF - 1 for other in kept):
            kept.append(triple)
        if len(kept) == CANDIDATES:
            break
    return [np.asarray(sorted(triple)) for triple in kept]


def _best_first(seconds: NDArray[np.int64], worth: NDArray[np.float64]) -> tuple[float, ...]:
    best = int(np.argmax(worth))
    return float(seconds[best]), *map(float, np.delete(seconds, best))


SELECTOR = Declaration(
    "appeal", Appeal, trained_on=MANIFEST, built_on=("shot_scorer",), reads_cues=True
)
