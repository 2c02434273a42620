"""The funnel: how often each step happened in an arm; None where it was not recorded."""

from collections.abc import Sequence

from experiments.analysis.kept_counts import ArmCount
from experiments.measures import EVENTS_OF, Step

ALWAYS_RECORDED = {Step.VIEWABLE, Step.CLICK}  # without them nothing counts


def steps(days: Sequence[ArmCount], arm: int) -> dict[str, int | None]:
    """Return events by step in an arm, over all days.

    A step is not recorded where some day was not counted for it, or where no arm has a single one
    although there are views: who imports views and clicks alone has no loads, not 0 of them.

    Args:
        days: of every arm.
        arm: its index.
    """
    viewed = any(day.views for day in days)
    found: dict[str, int | None] = {}
    for step, name in EVENTS_OF.items():
        counted = [day.measures[name] for day in days]
        some = step in ALWAYS_RECORDED or any(counted) or not viewed
        of_arm = [n for day, n in zip(days, counted, strict=True) if day.arm == arm]
        whole = [number for number in of_arm if number is not None]
        recorded = some and len(whole) == len(of_arm)
        found[step.name.lower()] = sum(whole) if recorded else None
    return found
