"""One act for every door: decide an experiment by one of the three choices."""

from experiments.analysis.report.cache import current
from experiments.analysis.videos.cache import current_videos
from experiments.choice import Choice
from experiments.deciding import expected_lift
from experiments.deciding.map_of_videos import map_of_videos
from experiments.deciding.recommendation import ahead
from experiments.errors import InvalidValuesError
from experiments.models import Decision, Experiment
from experiments.serving.decision import HOLDBACK, Shipment, ship
from experiments.serving.preconditions import must_be


def decide(
    experiment: Experiment,
    choice: str,
    *,
    arm: str = "",
    holdback: float = HOLDBACK,
    why: str = "",
) -> Decision:
    """Ship what is chosen; docs/lifecycle.md says what follows.

    Args:
        experiment: an ended one.
        choice: one of `Choice`.
        arm: name of the arm, of the choice of one arm.
        holdback: share of the units that see what is not shipped, so that it is measured on.
        why: the reason, for the audit log.

    Raises:
        InvalidValuesError: for a choice, an arm or a share that cannot be.
        StateError: where it has not ended, is decided already, or has too little for a map.
    """
    if choice not in list(Choice):
        known = ", ".join(Choice)
        raise InvalidValuesError({"choice": f"choice == {choice!r}, must be one of {known}"})
    must_be(experiment, Experiment.State.ENDED, to="be decided")
    return ship(experiment, _shipment(experiment, Choice(choice), arm, holdback), why=why)


def _shipment(experiment: Experiment, choice: Choice, arm: str, holdback: float) -> Shipment:
    if choice is Choice.MAP:
        videos = current_videos(experiment)
        found, lift = map_of_videos(videos), expected_lift.of_map(videos)
        return Shipment(choice, found.elsewhere, found.pictures, holdback, expected_lift=lift)
    report = current(experiment)
    against = "" if choice is Choice.ARM else ahead(report)
    lift = expected_lift.of_report(report, choice, arm, against)
    return Shipment(choice, arm, holdback=holdback, against=against, expected_lift=lift)
