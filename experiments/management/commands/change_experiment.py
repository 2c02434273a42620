"""`manage.py change_experiment SLUG --weight ARM=WEIGHT --ramp SHARE`: open its next phase."""

from argparse import ArgumentParser, ArgumentTypeError

from django.core.management.base import BaseCommand, CommandError

from experiments.errors import ExperimentError
from experiments.models import Experiment
from experiments.serving import allocation_phases


def weight_of_arm(text: str) -> tuple[str, float]:
    """Read ``ARM=WEIGHT``."""
    arm, equals, weight = text.rpartition("=")
    if not (equals and arm):
        raise ArgumentTypeError(f"{text!r}, must look like ARM=WEIGHT")
    try:
        return arm, float(weight)
    except ValueError as error:
        raise ArgumentTypeError(f"weight {weight!r}, must be a number") from error


class Command(BaseCommand):
    """Parse, change, say what the shares are now."""

    help = (
        "Change the weights or the ramp of a running experiment: as few viewers as possible see "
        "another arm than before."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the experiment and what is to change."""
        parser.add_argument("slug")
        parser.add_argument(
            "--weight",
            action="append",
            type=weight_of_arm,
            default=[],
            dest="weights",
            metavar="ARM=WEIGHT",
            help="once for every arm, by name; 0 drops it",
        )
        parser.add_argument("--ramp", type=float, help="share of the units that take part, 0 to 1")

    def handle(
        self, *, slug: str, weights: list[tuple[str, float]], ramp: float | None, **_: object
    ) -> None:
        """Change it."""
        experiment = Experiment.objects.filter(slug=slug).first()
        if experiment is None:
            raise CommandError(f"there is no experiment {slug!r}: the console lists them")
        if not weights and ramp is None:
            raise CommandError("nothing to change: give --weight ARM=WEIGHT or --ramp SHARE")
        try:
            weight_by_index = _by_index(experiment, dict(weights)) if weights else None
            phase = allocation_phases.change(experiment, weights=weight_by_index, ramp=ramp)
        except ExperimentError as error:
            raise CommandError(str(error)) from error
        shares = phase.cells.order_by("arm__index").values_list("arm__name", "share")
        told = ", ".join(f"{name} {share:.1%}" for name, share in shares)
        self.stdout.write(f"{slug}, phase {phase.number}: ramp {phase.ramp:g}; {told}")


def _by_index(experiment: Experiment, weights: dict[str, float]) -> dict[int, float]:
    index_of = dict(experiment.arms.values_list("name", "index"))
    if set(weights) != set(index_of):
        raise ExperimentError(
            f"--weight names {', '.join(sorted(weights))}, must name every arm: "
            f"{', '.join(sorted(index_of))}"
        )
    return {index_of[name]: weight for name, weight in weights.items()}
