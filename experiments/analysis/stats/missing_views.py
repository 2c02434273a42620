"""Lifts of arms that lost unlike shares of their views, or of their movement, as they could be.

Where fewer of an arm's pictures come into view, some of the control's views have no counterpart.
Which ones is not known. Lee (2009), "Training, wages, and sample selection", Review of Economic
Studies 76: taken away as if all of them had been clicked, and as if none had, they bound the lift
of the views that both arms would have.

A picture that did not move in part of its views was seen there as a still. Bloom (1984),
"Accounting for no-shows in experimental evaluation designs", Evaluation Review 8: what a treatment
does to all to whom it was assigned, over the share of those who had it, is what it does to them.
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


def lift_if_moving(lift: float, moved_share: float, as_often: float) -> float:
    """Return what a lift over a still would be with pictures that move in another share of views.

    It supposes that the picture is clicked as the control's where it does not move.

    Args:
        lift: over the control, whose pictures do not move.
        moved_share: of the arm's views in which its pictures moved, above 0.
        as_often: the share in which they would.
    """
    return lift * as_often / moved_share if moved_share > 0 else float("nan")


def _trimmed(ctr: float, share: float) -> tuple[float, float]:
    """Return the least and the highest click rate without so large a share of the views."""
    return max(ctr - share, 0.0) / (1 - share), min(ctr / (1 - share), 1.0)
