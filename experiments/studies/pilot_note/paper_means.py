"""Implications of the means printed in Table 3, by arithmetic alone, rounding allowed for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.analysis.stats.srm import SampleRatio, srm
from experiments.paper import PrintedRow

HALF_VIEWS = 0.05  # Table 3 prints mPV and mClick with one decimal
HALF_CLICKS = 0.05
HALF_CTR = 0.00005  # and mCTR in % with two


@dataclass(frozen=True, slots=True)
class Implied:
    """What a line implies.

    Attributes:
        improvement: of mCTR over the control's, from the two printed figures.
        lowest, highest: of the improvement, for any mCTR that round to those printed.
        agrees: whether the printed improvement, at its own rounding, is between the two; true of
            the control, which has none.
        ratio_of_means: mClick / mPV, which is not mCTR.
        pooled_improvement: of mClick / mPV over the control's.
        covariance: of views and CTR over videos, mClick - mPV x mCTR, in clicks.
        covariance_low, covariance_high: of it, for any figures that round to those printed.
    """

    improvement: float
    lowest: float
    highest: float
    agrees: bool
    ratio_of_means: float
    pooled_improvement: float
    covariance: float
    covariance_low: float
    covariance_high: float


def implied(rows: Sequence[PrintedRow]) -> tuple[Implied, ...]:
    """Return what each line implies; the control is the first."""
    return tuple(_implied(row, rows[0]) for row in rows)


def equal_split(printed: Mapping[str, PrintedRow], videos: int) -> SampleRatio:
    """Check the arms' page views, as printed, against equal shares of impressions."""
    views = np.array([round(row.mean_views * videos) for row in printed.values()])
    return srm(tuple(printed), views, np.ones(len(printed)))


def _implied(row: PrintedRow, control: PrintedRow) -> Implied:
    lowest = (row.mean_ctr - HALF_CTR) / (control.mean_ctr + HALF_CTR) - 1
    highest = (row.mean_ctr + HALF_CTR) / (control.mean_ctr - HALF_CTR) - 1
    half = 0.0005  # improvements are printed in % with one decimal
    ratio, base = (each.mean_clicks / each.mean_views for each in (row, control))
    slack = HALF_CLICKS + HALF_VIEWS * row.mean_ctr + HALF_CTR * row.mean_views
    covariance = row.mean_clicks - row.mean_views * row.mean_ctr
    return Implied(
        improvement=row.mean_ctr / control.mean_ctr - 1,
        lowest=lowest,
        highest=highest,
        agrees=not (row.improvement < lowest - half or row.improvement > highest + half),
        ratio_of_means=ratio,
        pooled_improvement=ratio / base - 1,
        covariance=covariance,
        covariance_low=covariance - slack,
        covariance_high=covariance + slack,
    )
