"""A still that stands in for the publisher's image: typical of the video, sharp, lit and calm.

A simplified BeautThumb (Song et al., CIKM 2016): poor frames are filtered out, seconds are
clustered by their look, and the largest cluster gives its calmest frame.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2

from thumbnailer.selection.base import Candidate, Media, ShotTable
from thumbnailer.selection.calmest import calmest_s
from thumbnailer.video.sampling import TICKS_PER_S

CLUSTERS = 5
RESTARTS = 5


class Raw:
    """The image that a publisher would upload, where none was."""

    version = "raw-1"
    media = Media.STILL
    note = "stand-in for the publisher's image: a frame of the video, chosen by a fixed rule"

    def rank(self, shots: ShotTable, *, seed: int) -> tuple[Candidate, ...]:
        """Return the calmest frame of each cluster of seconds, the largest cluster's first."""
        labels = _cluster(shots.features[shots.eligible].astype(np.float64), seed)
        sizes = np.bincount(labels)
        largest_first = [label for label in np.argsort(-sizes, kind="stable") if sizes[label]]
        return tuple(
            Candidate(
                (calmest_s(shots.frames, _ticks(shots.eligible[labels == label])),),
                float(sizes[label]),
            )
            for label in largest_first
        )


def _ticks(seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    return (seconds[:, None] * TICKS_PER_S + np.arange(TICKS_PER_S)).ravel()


def _cluster(features: NDArray[np.float64], seed: int) -> NDArray[np.intp]:
    """Return (m,) labels of the best of a few runs of k-means++."""
    rng = np.random.default_rng(seed)
    clusters = min(CLUSTERS, len(np.unique(features, axis=0)))
    runs = [_one_run(features, clusters, rng) for _ in range(RESTARTS)]
    return min(runs, key=lambda run: run[0])[1]


def _one_run(
    features: NDArray[np.float64], clusters: int, rng: np.random.Generator
) -> tuple[float, NDArray[np.intp]]:
    """Return (sum of squared distances to the centres, labels)."""
    centres, labels = kmeans2(features, clusters, minit="++", rng=rng)
    return float(((features - centres[labels]) ** 2).sum()), labels.astype(np.intp)
