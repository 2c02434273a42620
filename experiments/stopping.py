"""Rules of stopping: fixed at an experiment's start, they say when its numbers may decide."""

from enum import StrEnum


class StoppingRule(StrEnum):
    """When an experiment may be decided, and how its error is kept."""

    ALWAYS_VALID = "always_valid"  # at any moment; what is left of the error, at the planned end
    FIXED_HORIZON = "fixed_horizon"  # at the planned end
    GROUP_SEQUENTIAL = "group_sequential"  # at a few looks, equally spaced, the last the end

    @property
    def label(self) -> str:
        """The rule in words, as "always valid"."""
        return self.value.replace("_", " ")
