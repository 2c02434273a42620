"""Steps of the thumbnailer in a child process: what looks into a file may die of it."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.conf import settings

from experiments.making import site_settings

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def run_step(
    time_s: float,
    step: Callable[Arguments, Result],
    *arguments: Arguments.args,
    **named: Arguments.kwargs,
) -> Result:
    """Run a step of the thumbnailer in a child process, for at most so long."""
    from thumbnailer.sandbox.client import sandbox
    from thumbnailer.sandbox.limits import Limits

    limits = Limits(time_s=time_s, memory_mb=settings.STEP_MEMORY_MB)
    return sandbox(site_settings.at_hand()).run(limits, step, *arguments, **named)
