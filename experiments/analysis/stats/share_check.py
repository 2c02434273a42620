"""The check that the arms got their share: of the units that the design assigns, phase by phase."""

from experiments.analysis.stats.engine import NEEDS_SUMS
from experiments.analysis.stats.errors import DesignError
from experiments.analysis.stats.records import StratifiedCounts, ViewerVideoSums
from experiments.analysis.stats.srm import SampleRatio, combined, srm
from experiments.analysis.stats.srm_slices import srm_by_video
from experiments.unit import Unit


def share_check(counts: StratifiedCounts, unit: Unit) -> SampleRatio:
    """Check the units of each stratum against its own shares: a change of them is no mismatch.

    Raises:
        DesignError: with assignment by viewer, whose units are viewers: see unit_share_check.
    """
    if unit is Unit.VIEWER:
        raise DesignError(f"unit == {unit.value!r} {NEEDS_SUMS}")
    strata = zip(counts.strata, counts.shares, strict=True)
    if unit is Unit.VIDEO:
        return combined([srm(c.arms, (c.views > 0).sum(axis=0), shares) for c, shares in strata])
    return combined([srm_by_video(c, shares) for c, shares in strata])


def unit_share_check(sums: ViewerVideoSums, unit: Unit) -> SampleRatio:
    """Check the units of each stratum, counted one by one, against its shares."""
    strata = zip(sums.units(unit), sums.shares, strict=True)
    return combined([srm(sums.arms, units, shares) for units, shares in strata])
