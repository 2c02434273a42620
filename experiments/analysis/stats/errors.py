"""The errors of the statistics room: what it refuses, and why."""


class StatsError(ValueError):
    """Any refusal of the statistics room; the message names the value and the remedy."""


class InputError(StatsError):
    """Data that cannot be what it claims to be, such as more clicks than views."""


class DesignError(StatsError):
    """A test that the experiment's unit of randomisation makes dishonest."""
