"""Choices at an experiment's end."""

from enum import StrEnum


class Choice(StrEnum):
    """What can be shipped."""

    ARM = "arm"  # one arm's picture of every video
    MAP = "map"  # of each video the picture that is expected to be clicked most
    CONTROL = "control"

    @property
    def label(self) -> str:
        """The choice in words."""
        return {
            Choice.ARM: "ship one arm to all",
            Choice.MAP: "ship the best arm of each video",
            Choice.CONTROL: "keep the control",
        }[self]
