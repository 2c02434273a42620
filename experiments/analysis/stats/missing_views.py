"""Bounds of a lift whose arms lost different shares of their views.

Where fewer of an arm's pictures come into view, some of the control's views have no counterpart.
Which ones is not known. Lee (2009), "Training, wages, and sample selection", Review of Economic
Studies 76: taken away as if all of them had been clicked, and as if none had, they bound the lift
of the views that both arms would have.
"""


def bounds_of_lift(
    baseline_ctr: float, arm_ctr: float, baseline_share: float, arm_share: float
) -> tuple[float, float]:
    """Return the smallest and the largest lift, as shares.

    Args:
        baseline_ctr: clicks per view of the control, above 0 and below 1.
        arm_ctr: the same of the arm.
        baseline_share: views per picture served of the control, above 0 and at most 1.
        arm_share: the same of the arm.

    """
    if arm_share <= baseline_share:
        low, high = _trimmed(baseline_ctr, 1 - arm_share / baseline_share)
        largest = arm_ctr / low - 1 if low > 0 else float("inf")
        return arm_ctr / high - 1, largest
    low, high = _trimmed(arm_ctr, 1 - baseline_share / arm_share)
    return low / baseline_ctr - 1, high / baseline_ctr - 1


def _trimmed(ctr: float, share: float) -> tuple[float, float]:
    """Return the least and the highest click rate without so large a share of the views."""
    return max(ctr - share, 0.0) / (1 - share), min(ctr / (1 - share), 1.0)
