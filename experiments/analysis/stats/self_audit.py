"""The engine audited on the experiment's own data: how often it rejects what is true.

Split control: the control against itself, its units dealt into two halves. Permutation: clicks
dealt anew within each video, so that no arm differs. Both are run through the very test that the
report uses; the realised error rate is printed beside the nominal one.
"""

from dataclasses import dataclass, replace

import numpy as np

from experiments.analysis.stats.coded_sums import CodedSums
from experiments.analysis.stats.contrast import contrast, expected_events
from experiments.analysis.stats.engine import HONEST, compared, honest_method
from experiments.analysis.stats.errors import DesignError
from experiments.analysis.stats.paired_t import paired_means
from experiments.analysis.stats.proportion import proportion
from experiments.analysis.stats.records import (
    CONTROL,
    LEVEL,
    FloatArray,
    IntArray,
    VideoCounts,
    ViewerVideoSums,
    check_level,
)
from experiments.analysis.stats.results import Estimate, Method
from experiments.analysis.stats.robustness import refuse_unblocked
from experiments.analysis.stats.two_way import two_way_mean_ctr
from experiments.unit import Unit

HALVES = ("first half", "second half")


@dataclass(frozen=True, slots=True)
class RealisedError:
    """How often a true null was rejected.

    Attributes:
        kind: "split control" or "permutation within videos".
        method: the test that was audited.
        nominal: the rate that was promised.
        rate: the rate that was found, with Wilson's interval; nan where `reason` says why.
        tests: number of tests made.
        untestable: repetitions in which the engine refused to test.
    """

    kind: str
    method: Method
    nominal: float
    rate: Estimate
    tests: int
    untestable: int

    @property
    def alarm(self) -> bool:
        """Whether the rate found is above the nominal one beyond chance."""
        return bool(self.rate.low > self.nominal)


def permute_within_videos(
    counts: VideoCounts,
    unit: Unit,
    *,
    repetitions: int = 200,
    max_videos: int = 1000,
    level: float = LEVEL,
    seed: int = 0,
) -> RealisedError:
    """Deal the clicks of each video anew over its views, and test every arm against control.

    Args:
        counts: the experiment's own, of the included videos.
        unit: what was randomised.
        repetitions: of the dealing.
        max_videos: a random sample of this many stands for more, which bounds the time.
        level: of the tests.
        seed: of the dealing.

    Raises:
        DesignError: where clicks within videos are not exchangeable (units viewer and video).
    """
    refuse_unblocked(unit, "the permutation within videos")
    kept = counts.where(np.all(counts.views > 0, axis=1))
    p_values = _dealt_p_values(
        kept.views, kept.clicks.sum(axis=1), repetitions, max_videos, np.random.default_rng(seed)
    )
    return _realised("permutation within videos", Method.PAIRED_BY_VIDEO, p_values, level)


def split_control(
    counts: VideoCounts,
    unit: Unit,
    *,
    sums: ViewerVideoSums | None = None,
    repetitions: int = 200,
    max_videos: int = 1000,
    level: float = LEVEL,
    seed: int = 0,
) -> RealisedError:
    """Deal the control's units into two halves and test one against the other.

    With sums the units dealt are those of the design (viewers, or pairs of viewer and video) and
    the test is the two-way one; without, impressions are dealt and the test is paired by video.

    Raises:
        DesignError: as honest_method; and where the unit is the video, whose control videos have
            no second arm to be paired with.
    """
    if HONEST[unit] == (Method.WELCH,):
        raise DesignError("unit == 'video': split the videos of the control by hand instead")
    method = honest_method(unit, with_sums=sums is not None)
    rng = np.random.default_rng(seed)
    if sums is not None:
        p_values = _split_sums(sums, unit, repetitions, rng)
    else:
        kept = counts.where(counts.views[:, CONTROL] >= 2)
        views, clicks = kept.views[:, CONTROL], kept.clicks[:, CONTROL]
        halves = np.column_stack([views // 2, views - views // 2])
        p_values = _dealt_p_values(halves, clicks, repetitions, max_videos, rng)
    return _realised("split control", method, p_values, level)


def _dealt_p_values(
    views: IntArray,
    totals: IntArray,
    repetitions: int,
    max_videos: int,
    rng: np.random.Generator,
) -> FloatArray:
    """Deal each video's clicks over its views again and again, and test paired by video.

    Args:
        views: (V, K), none 0.
        totals: clicks of each video, (V,).
        repetitions: see permute_within_videos.
        max_videos: see permute_within_videos.
        rng: of the dealing.

    Returns:
        p-values of every arm against the first, (R, K - 1).
    """
    sample = rng.permutation(totals.size)[:max_videos]
    views = views[sample]
    arms = tuple(f"part {k}" for k in range(views.shape[1]))
    out = np.empty((repetitions, views.shape[1] - 1))
    events = expected_events(totals[sample], views.sum(axis=0))
    for row in out:
        clicks = _deal(views, totals[sample], rng)
        means = paired_means(arms, clicks / views, events)
        row[:] = [contrast(means, k, CONTROL).p_value for k in range(1, len(arms))]
    return out


def _deal(views: IntArray, totals: IntArray, rng: np.random.Generator) -> IntArray:
    """Return clicks (V, K): multivariate hypergeometric given each video's clicks and views."""
    out = np.empty_like(views)
    clicks_left, views_left = totals, views.sum(axis=1)
    for arm in range(views.shape[1] - 1):
        missed = views_left - clicks_left
        out[:, arm] = rng.hypergeometric(clicks_left, missed, views[:, arm])
        clicks_left, views_left = clicks_left - out[:, arm], views_left - views[:, arm]
    out[:, -1] = clicks_left
    return out


def _split_sums(
    sums: ViewerVideoSums, unit: Unit, repetitions: int, rng: np.random.Generator
) -> FloatArray:
    """Return the two-way p-values of the control's units against each other, (R,)."""
    control = sums.where(sums.arm_index == CONTROL)
    coded = replace(CodedSums.of(control), arms=HALVES)
    # Halves have equal shares at all times, so the strata of the arms are one.
    coded = coded.in_strata(np.zeros(len(coded.shares), np.int64), np.ones((1, len(HALVES))))
    units = _unit_codes(coded, unit)
    count = int(units.max(initial=-1)) + 1
    out = np.empty(repetitions)
    for i in range(repetitions):
        side = rng.integers(0, 2, count)
        dealt = replace(coded, arm=side[units])
        counts = dealt.counts()
        _, columns = compared(counts, unit, 1)
        means = two_way_mean_ctr([dealt], counts, columns)
        out[i] = contrast(means, 1, CONTROL).p_value
    return out


def _unit_codes(coded: CodedSums, unit: Unit) -> IntArray:
    """Return each row's unit, numbered from 0; rows are one impression or more of one unit."""
    if unit is Unit.VIEWER:
        return coded.viewer
    if unit is Unit.IMPRESSION:
        return np.arange(coded.viewer.size)
    firsts = np.zeros(coded.viewer.size, dtype=np.int64)
    firsts[coded.pair_starts] = 1
    return np.asarray(np.cumsum(firsts) - 1)


def _realised(kind: str, method: Method, p_values: FloatArray, level: float) -> RealisedError:
    nominal = 1 - check_level(level)
    known = p_values[~np.isnan(p_values)]
    rate = proportion(int((known < nominal).sum()), known.size)
    if not known.size:
        rate = replace(rate, reason="no repetition could be tested: too few clicks or videos")
    untestable = int(p_values.size - known.size)
    return RealisedError(kind, method, nominal, rate, int(known.size), untestable)
