"""The triples of shots with the highest average likelihood over draws of z: Eq. 10, exactly.

Given z the three positions are independent, so the average over L draws

    S(a, b, c) = (1/L) Σ_l p_1[l, a] p_2[l, b] p_3[l, c]

is a non-negative tensor of rank L with n³ entries, too many to look at. Branch and bound looks at
few: with m_i[l] = max_j p_i[l, j], no triple with shot a at the first position has more than
(1/L) Σ_l p_1[l, a] m_2[l] m_3[l], and none with the pair a, b more than
(1/L) Σ_l p_1[l, a] p_2[l, b] m_3[l]. What cannot reach a triple that is already known is left out.

Shapes: L draws, n shots, m_i <= n shots still possible at position i, K pairs, B pairs at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from thumbnailer.errors import BadFeaturesError
from thumbnailer.video.shots import SHOTS_IN_A_GIF

STARTS = 16  # draws whose own best pair starts a search for a high triple
PAIRS_AT_ONCE = 256
ROUNDING = 1e-12  # relative: a bound this little below a score may be above it


@dataclass(frozen=True, slots=True)
class RankedTriples:
    """The triples with the highest scores, the best first.

    Attributes:
        shots: (k, 3) int64 shots, in play order.
        scores: (k,) float64 S.
    """

    shots: Tensor
    scores: Tensor


@dataclass(frozen=True, slots=True)
class Positions:
    """What is still possible at each of the three positions.

    Attributes:
        shots: three of (m_i,) int64, increasing.
        likelihoods: three of (L, m_i) float64.
        min_gap: least difference of two shots of a triple.
    """

    shots: Sequence[Tensor]
    likelihoods: Sequence[Tensor]
    min_gap: int

    def peaks(self, position: int) -> Tensor:
        return self.likelihoods[position].amax(dim=1)
