"""The errors of experiments, with the words a person needs."""

from collections.abc import Mapping


class CoverliftError(Exception):
    """Something that the caller can mend; its message says how."""


class ExperimentError(CoverliftError):
    """An experiment cannot do what was asked of it."""


class InvalidValuesError(ExperimentError):
    """Values that an experiment cannot have.

    Attributes:
        problems: a sentence for each value that cannot be, by the value's name.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = dict(problems)


class StateError(ExperimentError):
    """An act that does not fit how things stand: a draft cannot be ended."""


class ArchiveError(StateError):
    """Events that are in the archive, or cannot go there or come back now."""


class EndedError(StateError):
    """An experiment that ended, and of which nothing is shipped: it has no feed."""


class KeyTakenError(CoverliftError):
    """An idempotency key that was given for something else."""


class LearningError(CoverliftError):
    """Evidence that is too thin to learn from."""


class AnnotationError(CoverliftError):
    """Comments from which no GIFs can be proposed."""


class IntakeError(CoverliftError):
    """Files that cannot be taken into the catalogue."""


class NotReadyError(CoverliftError):
    """The database has not yet given what this process needs; try again soon."""


class TooFastError(CoverliftError):
    """Someone sends more than is taken; the same may be sent again later.

    Attributes:
        wait_s: whole seconds after which it is taken.
    """

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"too many events at once: send the same again in {wait_s} s")
        self.wait_s = wait_s


class TokenError(CoverliftError):
    """An impression token is refused.

    Attributes:
        reason: one word that counts refusals: malformed, truncated, unknown_key, forged,
            expired or future.
        experiment: primary key of the experiment that a true token names; else None.
    """

    def __init__(self, reason: str, experiment: int | None = None) -> None:
        super().__init__(f"token refused: {reason}")
        self.reason, self.experiment = reason, experiment


class EventsError(CoverliftError):
    """A batch of events, or an import, is refused as a whole.

    Attributes:
        reason: one word that counts refusals.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class CountsError(CoverliftError):
    """A file of historical counts that cannot be read as one."""


class NoteError(CoverliftError):
    """A research note that cannot be written."""
