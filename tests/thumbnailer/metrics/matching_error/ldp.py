"""Eq. 8 by other means: least distance programming through scipy's NNLS, in feature space."""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

Floats = NDArray[np.float64]


def ldp_error(generated: Floats, features: Floats, target: int) -> float:
    """Return PME(g, X, y) of (d,) g and (n, d) X, after Lawson & Hanson (1974), chapter 23."""
    normals = features - features[target]
    lengths = np.linalg.norm(normals, axis=1)
    distinct = lengths > 0
    if not distinct.any():
        return 0.0
    normals = normals[distinct] / lengths[distinct, None]
    moved = generated - features[target]
    return least_distance(normals, (lengths[distinct] / 2 - normals @ moved)) / (
        float(np.linalg.norm(moved)) or 1.0
    )


def least_distance(normals: Floats, offsets: Floats) -> float:
    """Return the least ‖v‖ with normals v <= offsets; (n, d) and (n,)."""
    if (offsets >= 0).all():
        return 0.0
    scale = float(np.abs(offsets).max())
    matrix = np.vstack([-normals.T, -offsets / scale])
    goal = np.zeros(len(matrix))
    goal[-1] = 1.0
    multipliers, _ = nnls(matrix, goal, maxiter=30 * len(normals))
    residual = matrix @ multipliers - goal
    return scale * float(np.linalg.norm(residual[:-1] / residual[-1]))
