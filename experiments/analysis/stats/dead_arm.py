"""Arms that count views and next to no clicks: a click beacon that is dead, not a thumbnail.

No thumbnail loses nine in ten of its clicks, a page that does not send them loses all. A count
guard of this kind finds a dead beacon as soon as its clicks are missed (Lindon & Malek 2020;
Netflix's "Sequential testing", part 2). It looks at every window of time, for a beacon that dies in
mid-run leaves an arm with half of its clicks, as if its thumbnails were bad.

Shape legend: T spans of time, K arms, W windows.
"""

from dataclasses import dataclass

import numpy as np
import scipy

from experiments.analysis.stats.records import FloatArray, IntArray, ratio_or_zero

DEAD_SHARE = 0.1  # of the clicks expected: at most so many are a dead arm's
BAD_SHARE = 0.5  # of the clicks expected that the worst of thumbnails may have
RARE = 4.6e-5  # chance of so few of these: that of none where 20 clicks are expected


@dataclass(frozen=True, slots=True)
class DeadArm:
    """An arm with a tenth of the clicks that its views would have in the other arms, or fewer.

    Attributes:
        first, last: spans between which it is dead, both among them.
        views, clicks: of the arm in these.
        expected: clicks of as many views in the other arms, span by span.
        p_value: at most the chance of so few, if the arm were like the others and nobody had
            chosen the window.
    """

    arm: str
    first: int
    last: int
    views: int
    clicks: int
    expected: float
    p_value: float


def dead_arms(arms: tuple[str, ...], views: IntArray, clicks: IntArray) -> tuple[DeadArm, ...]:
    """Return the arms whose clicks are missing, each in the window in which most are missed.

    There they are so few that chance does not explain it, be the arm's thumbnails half as good.
    The p-value is Poisson's lower tail at the arm's share of all clicks: that of a binomial, of
    which all clicks are known, is below it (Anderson & Samuels 1967).

    Args:
        arms: keys, (K,).
        views: by span and arm, in order of time, (T, K); in a span the arms' shares are constant.
        clicks: (T, K).
    """
    if not len(views):
        return ()
    all_views, all_clicks = views.sum(axis=1, keepdims=True), clicks.sum(axis=1, keepdims=True)
    elsewhere = ratio_or_zero(all_clicks - clicks, all_views - views)
    first, last = np.triu_indices(len(views))
    seen, clicked, expected, shared = (
        _in_windows(values, first, last)
        for values in (
            views, clicks, views * elsewhere, views * ratio_or_zero(all_clicks, all_views)
        )
    )  # fmt: skip
    by_chance = scipy.special.pdtr(clicked, BAD_SHARE * expected)
    dead = (by_chance <= RARE) & (clicked <= DEAD_SHARE * expected)
    worst = np.where(dead, expected - clicked, 0.0).argmax(axis=0)
    return tuple(
        DeadArm(
            arm=arms[k],
            first=int(first[w]),
            last=int(last[w]),
            views=int(seen[w, k]),
            clicks=int(clicked[w, k]),
            expected=float(expected[w, k]),
            p_value=float(scipy.stats.poisson.cdf(clicked[w, k], shared[w, k])),
        )
        for k, w in enumerate(worst.tolist())
        if dead[w, k]
    )


def _in_windows(values: FloatArray | IntArray, first: IntArray, last: IntArray) -> FloatArray:
    """Return the sums of values (T, K) from each first span to each last, (W, K)."""
    running = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    return np.asarray(running[last + 1] - running[first])
