"""Clusters of what is alike: the best of a few runs of k-means++ (Arthur & Vassilvitskii 2007)."""

import numpy as np
from numpy.typing import NDArray


def cluster(
    features: NDArray[np.float64], clusters: int, rng: np.random.Generator, *, runs: int = 5
) -> NDArray[np.intp]:
    """Return (m,) labels of (m, d) rows, m >= 1; not more clusters than there are distinct rows."""
    clusters = min(clusters, len(np.unique(features, axis=0)))
    found = [_one_run(features, clusters, rng) for _ in range(runs)]
    return min(found, key=lambda run: run[0])[1]


def _one_run(
    features: NDArray[np.float64], clusters: int, rng: np.random.Generator
) -> tuple[float, NDArray[np.intp]]:
    """Return (sum of squared distances to the centres, labels)."""
    from scipy.cluster.vq import kmeans2  # noqa: PLC0415  7 MB that only those who choose need

    centres, labels = kmeans2(features, clusters, minit="++", rng=rng)
    return float(((features - centres[labels]) ** 2).sum()), labels.astype(np.intp)
