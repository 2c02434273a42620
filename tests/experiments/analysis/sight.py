"""Viewers who see all slots of a made experiment, and click on the first."""

import numpy as np

from experiments.models import Video
from experiments.serving.feed import Slot
from tests.experiments import beacons
from tests.experiments.world import BROWSER


def visit(viewers: range, *, agent: str = BROWSER) -> np.ndarray:
    """Let viewers see all slots and click on the first; return [view, click] by (video, arm)."""
    sent = np.zeros((2, 3, 3), dtype=np.int64)
    order = {
        slug: i
        for i, slug in enumerate(Video.objects.order_by("pk").values_list("slug", flat=True))
    }
    for viewer in viewers:
        for slot in beacons.visit(f"v{viewer}", clicks=is_first, agent=agent):
            place = order[slot.video.slug], slot.arm
            sent[0][place] += 1
            sent[1][place] += is_first(slot)
    return sent


def is_first(slot: Slot) -> bool:
    return slot.position == 0
