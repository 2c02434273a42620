"""What the experiments room refuses; a message names the value and the remedy."""


class CoverliftError(Exception):
    """Any foreseen refusal of the experiments room."""


class IntakeError(CoverliftError):
    """Files that cannot be taken into the catalogue."""


class LaunchError(CoverliftError):
    """An experiment that cannot start or end as asked."""
