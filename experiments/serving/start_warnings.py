"""Warnings about an experiment that starts, said by every door that starts one."""

from experiments import equal_arms
from experiments.models import Experiment
from experiments.serving import overlaps


def warnings(experiment: Experiment) -> list[str]:
    """Return a sentence for each; none for most."""
    return [*overlaps.warnings(experiment), *equal_arms.warnings(experiment)]
