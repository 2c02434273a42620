"""A decision as it goes on: what is shipped, and what the holdback says of it since."""

from dataclasses import dataclass

from experiments.analysis.report import sentences
from experiments.analysis.report.cache import current
from experiments.models import Decision, Experiment
from experiments.serving import decision as decisions


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What an ended experiment's videos show now.

    Attributes:
        decision: the one that stands.
        said: what is shipped, and to whom it is not.
        measured: the difference of what is shipped to what is held back, since then.
    """

    decision: Decision
    said: str
    measured: str


def follow_up(experiment: Experiment) -> FollowUp | None:
    """Return how the decision that stands goes on; None where none does."""
    standing = decisions.standing(experiment)
    if standing is None:
        return None
    return FollowUp(standing, decisions.said(standing), _measured(standing))


def _measured(standing: Decision) -> str:
    if not standing.holdback:
        return "Nobody is held back, so nothing is measured any more."
    report = current(standing.rollout)
    return sentences.finding(report, report.arms[-1])
