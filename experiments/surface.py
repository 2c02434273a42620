"""The surfaces that pictures are shown on, each with places counted from 0."""

from enum import IntEnum


class Surface(IntEnum):
    """A kind of place; only what is seen in feeds is compared in an experiment's report."""

    FEED = 0
    RELATED = 1  # the list beside a video that is watched

    @property
    def label(self) -> str:
        """The name in addresses, bodies and files: "feed"."""
        return self.name.lower()


SURFACES = {surface.label: surface for surface in Surface}
