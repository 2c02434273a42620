"""Doors: the ways by which an act reaches the site."""

from enum import StrEnum


class Door(StrEnum):
    """The way that an act came."""

    CONSOLE = "console"
    COMMAND = "command"
    API = "api"
    SCHEDULE = "schedule"  # the site itself, at a planned time

    @property
    def label(self) -> str:
        """The door in words."""
        return "API" if self is Door.API else self.value
