"""Settings of an experiment for the moment when its planned end has come."""

from enum import StrEnum


class AtEnd(StrEnum):
    """What happens by itself."""

    NOTICE = "notice"  # it runs on; the console says that a decision is due
    SHIP = "ship"  # it is ended, and what its verdict recommends is shipped

    @property
    def label(self) -> str:
        """The setting in words."""
        return {
            AtEnd.NOTICE: "say that a decision is due",
            AtEnd.SHIP: "end it and ship what the verdict recommends, where it is sure",
        }[self]
