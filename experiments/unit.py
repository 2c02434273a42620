"""The unit of randomisation: what gets an arm, and keeps it."""

from enum import StrEnum


class Unit(StrEnum):
    """What is randomised; it decides how a viewer's arm is found and which test is honest.

    An experiment of this site assigns one of the first three. Impressions are the units of tests
    that other sites have run.
    """

    VIEWER_VIDEO = "viewer_video"
    VIEWER = "viewer"
    VIDEO = "video"
    IMPRESSION = "impression"

    @property
    def label(self) -> str:
        """The unit in words, as "viewer and video"."""
        return self.value.replace("_", " and ")


ASSIGNED_UNITS = (Unit.VIEWER_VIDEO, Unit.VIEWER, Unit.VIDEO)
