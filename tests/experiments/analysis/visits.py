"""Viewers who come back: their events stored, and kept as a list to count by hand."""

from dataclasses import dataclass

import numpy as np

from experiments.serving.feed import Slot
from tests.experiments import beacons
from tests.experiments.world import BROWSER


@dataclass(frozen=True, slots=True)
class Seen:
    """One view of one video by one viewer, in the order of time."""

    viewer: str
    video: str
    arm: int
    clicked: bool


def visit(
    slug: str, viewer: str, rng: np.random.Generator, click: float = 0.4, agent: str = BROWSER
) -> list[Seen]:
    """Let a viewer see all videos of an experiment, and click some."""
    seen = []

    def clicks(slot: Slot) -> bool:
        assert slot.arm is not None
        seen.append(Seen(viewer, slot.video.slug, slot.arm, bool(rng.random() < click)))
        return seen[-1].clicked

    beacons.visit(viewer, clicks=clicks, experiment=slug, agent=agent)
    return seen


def come_back(slug: str, viewers: int, seed: int = 3) -> list[Seen]:
    """Let viewers come one to four times; return their views in the order of time."""
    rng = np.random.default_rng(seed)
    return [
        seen
        for viewer in range(viewers)
        for _ in range(1 + viewer % 4)
        for seen in visit(slug, f"v{viewer}", rng)
    ]


def firsts(seen: list[Seen]) -> dict[tuple[str, str], Seen]:
    """Return each viewer's first view of each video."""
    found: dict[tuple[str, str], Seen] = {}
    for view in seen:
        found.setdefault((view.viewer, view.video), view)
    return found
