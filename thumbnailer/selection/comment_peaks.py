"""The oracle: the shots with the most comments. For evaluation only.

It is made for one video, from its comments, so the registry cannot hold it and nothing can publish
its answers: a new video has no comments.
"""

import numpy as np
from numpy.typing import NDArray

from thumbnailer.errors import BadFeaturesError
from thumbnailer.selection.parts.apart import best_apart
from thumbnailer.selection.parts.base import Candidate, Media, ShotTable
from thumbnailer.video.shots import SHOTS_IN_A_GIF

SPACING_S = 5


class CommentPeaks:
    """Knows the comments of the one video that it is asked about."""

    version = "comment_peaks-1"
    media = Media.GIF
    note = "an oracle, for evaluation only: it has seen the comments"

    def __init__(self, counts: NDArray[np.floating], *, spacing_s: int = SPACING_S) -> None:
        """Keep the (n,) comments of each second."""
        self._counts, self._spacing_s = counts, spacing_s

    def rank(self, shots: ShotTable, *, seed: int) -> tuple[Candidate, ...]:
        """Return the best seconds five apart in time order, or less apart in a short video.

        Raises:
            BadFeaturesError: where there is not one count for each shot.
        """
        del seed
        if len(self._counts) != len(shots.features):
            raise BadFeaturesError(
                f"len(counts) == {len(self._counts)}, must be {len(shots.features)}, one a second "
                "of the video"
            )
        ranking = shots.eligible[np.argsort(-self._counts[shots.eligible], kind="stable")]
        for spacing_s in range(self._spacing_s, 0, -1):
            chosen = best_apart(ranking, spacing_s)
            if len(chosen) == SHOTS_IN_A_GIF:
                break
        starts_s = tuple(map(float, np.sort(chosen)))
        return (Candidate(starts_s, float(self._counts[chosen].sum())),)
