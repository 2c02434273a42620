"""A still that stands in for the publisher's image: typical of the video, sharp, lit and calm.

A simplified BeautThumb (Song et al., CIKM 2016): poor frames are filtered out, seconds are
clustered by their features, and the largest cluster gives the frame that moves least.
"""

import numpy as np
from numpy.typing import NDArray

from thumbnailer.results import Candidate
from thumbnailer.selection.parts.base import Declaration, Media, ShotTable
from thumbnailer.selection.parts.clusters import cluster
from thumbnailer.selection.parts.least_motion import least_motion_s
from thumbnailer.video.ticks import TICKS_PER_S

CLUSTERS = 5


class Raw:
    """The image that a publisher would upload, where none was."""

    version = "raw-1"
    media = Media.STILL
    note = "stand-in for the publisher's image: a frame of the video, chosen by a fixed rule"

    def rank(self, shots: ShotTable, *, seed: int) -> tuple[Candidate, ...]:
        """Return the frame of least motion of each cluster of seconds, the largest cluster's first.

        Raises:
            BadFeaturesError: where the table has no measures of pictures.
        """
        shots.check_pictures()
        features = shots.features[shots.eligible].astype(np.float64)
        labels = cluster(features, CLUSTERS, np.random.default_rng(seed))
        sizes = np.bincount(labels)
        largest_first = [label for label in np.argsort(-sizes, kind="stable") if sizes[label]]
        return tuple(
            Candidate(
                (least_motion_s(shots.frames, _ticks(shots.eligible[labels == label])),),
                float(sizes[label]),
            )
            for label in largest_first
        )


def _ticks(seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    return (seconds[:, None] * TICKS_PER_S + np.arange(TICKS_PER_S)).ravel()


SELECTOR = Declaration("raw", Raw)
