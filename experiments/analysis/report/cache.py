"""A cache of what is made of experiments, each entry good until something that it shows changes."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Generic, TypeVar

from django.utils import timezone

from experiments.analysis import queries
from experiments.analysis.confidence_sequences import ConfidenceSequences, course
from experiments.analysis.report.build import build
from experiments.analysis.report.record import Report
from experiments.analysis.report.without_crossed import build_without_crossed
from experiments.models import Arrival, Experiment

EXPERIMENTS = 64
Made = TypeVar("Made")


def version_of_report(experiment: Experiment) -> str:
    """Return what changes with a report; a new day does: a planned end or look may have come."""
    return f"{queries.version(experiment.pk)} {timezone.now():%Y-%m-%d}"


class VersionedCache(Generic[Made]):
    """Holds what a function makes of experiments, each with the version that it was made of."""

    def __init__(
        self,
        make: Callable[..., Made],
        version: Callable[[Experiment], str] = version_of_report,
    ) -> None:
        self._make, self._version = make, version
        self._kept: OrderedDict[int, tuple[str, Made]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, experiment: Experiment, *given: object, version: str = "") -> Made:
        """Return what was made of the experiment as it is now, making it where it must be.

        Args:
            experiment: one.
            given: what else it is made of, and what changes with the version alone.
            version: as it has just been read; it is read here where empty.
        """
        # Read before the data, so that what changes meanwhile makes the next look make it again.
        version = version or self._version(experiment)
        with self._lock:
            known = self._kept.get(experiment.pk)
        if known is not None and known[0] == version:
            return known[1]
        made = self._make(experiment, *given)
        with self._lock:
            self._kept[experiment.pk] = version, made
            self._kept.move_to_end(experiment.pk)
            if len(self._kept) > EXPERIMENTS:
                self._kept.popitem(last=False)
        return made


_reports = VersionedCache(build)
_courses = VersionedCache(course)
_without_crossed = VersionedCache(build_without_crossed)


def current(experiment: Experiment, *, without_crossed: bool = False, version: str = "") -> Report:
    """Return the report, without building it again where nothing has changed.

    Args:
        experiment: one that has started.
        without_crossed: leave out the units that were seen in two arms.
        version: as it has just been read; it is read here where empty.

    Raises:
        StateError: see `build_without_crossed`.
    """
    asked_at = timezone.now()
    report = (_without_crossed if without_crossed else _reports).of(experiment, version=version)
    if report.made_at >= asked_at:  # it was built only now, and says how all stands
        return report
    return replace(report, made_at=timezone.now(), uncounted=Arrival.objects.exists())


def current_course(
    experiment: Experiment, report: Report, *, version: str = ""
) -> ConfidenceSequences:
    """Return the bands by day, without computing them again where nothing has changed.

    Args:
        experiment: one that has started.
        report: its own as it is now, of all units.
        version: as it has just been read; it is read here where empty.
    """
    return _courses.of(experiment, report, version=version)
