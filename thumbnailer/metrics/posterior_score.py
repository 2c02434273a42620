"""The posterior score of chosen shots, by the paper's definition (Eq. 9)."""

import numpy as np
from numpy.typing import ArrayLike


def posterior_score(shots: ArrayLike, counts: ArrayLike) -> float:
    """Return PS = Σ_i C_{y_i} / max(C) (Eq. 9); nan where no shot has a comment.

    Args:
        shots: (3,) shot indices y.
        counts: (n,) comments C of each shot, >= 0.
    """
    values = np.asarray(counts, dtype=np.float64)
    peak = values.max()
    return float(values[np.asarray(shots)].sum() / peak) if peak > 0 else float("nan")
