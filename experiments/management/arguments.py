"""Reads what commands are given on their line: its form; what it means, the life cycle judges."""

from argparse import ArgumentParser, ArgumentTypeError

from django.core.management.base import CommandError

from experiments.design import ArmDesign
from experiments.models import Experiment


def arm_design(text: str) -> ArmDesign:
    """Read ``NAME=SELECTOR`` or ``NAME=SELECTOR:WEIGHT``."""
    name, equals, rest = text.rpartition("=")
    selector, colon, weight = rest.partition(":")
    if not equals:
        raise ArgumentTypeError(f"{text!r}, must look like NAME=SELECTOR or NAME=SELECTOR:WEIGHT")
    return ArmDesign(name, selector, _number(weight)) if colon else ArmDesign(name, selector)


def add_why(parser: ArgumentParser) -> None:
    """Take the reason for an act."""
    parser.add_argument("--why", default="", help="the reason, for the audit log")


def arm_weight(text: str) -> tuple[str, float]:
    """Read ``ARM=WEIGHT``."""
    arm, equals, weight = text.rpartition("=")
    if not equals:
        raise ArgumentTypeError(f"{text!r}, must look like ARM=WEIGHT")
    return arm, _number(weight)


def guardrail_margin(text: str) -> tuple[str, float]:
    """Read ``METRIC=MARGIN``."""
    metric, equals, margin = text.rpartition("=")
    if not equals:
        raise ArgumentTypeError(f"{text!r}, must look like METRIC=0.05")
    return metric, _number(margin, "margin")


def layer_slice(text: str) -> dict[str, str | float]:
    """Read ``NAME:FROM:TO``."""
    name, *ends = text.rsplit(":", 2)
    try:
        lower, upper = map(float, ends)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r}, must look like NAME:0:0.5") from error
    return {"layer": name, "layer_from": lower, "layer_to": upper}


def experiment_called(slug: str) -> Experiment:
    """Return the experiment.

    Raises:
        CommandError: where there is none.
    """
    experiment = Experiment.objects.filter(slug=slug).first()
    if experiment is None:
        raise CommandError(f"there is no experiment {slug!r}: the console lists them")
    return experiment


def _number(text: str, of: str = "weight") -> float:
    try:
        return float(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{of} {text!r}, must be a number") from error
