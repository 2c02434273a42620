"""Conditions that somebody should look at, in words: the console's page of the site's state.

deployment/alerts.yml asks Prometheus the same, under the same names, and docs/operations.md says
what to do about each.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from django.conf import settings
from django.db.models import Count
from django.utils import timezone

from experiments.analysis import queries
from experiments.events import rollup
from experiments.models import Video, WorkTime
from server.broker import broker_refusal, waiting_tasks

COUNTS_LATE_S = 120.0
TASKS_LATE_S = 600.0
BOTS_LATE_S = 3 * 3600.0
DISK_LEAST_SHARE = 0.1
# Errors that no file is at fault for.
OUR_FAULTS = ("checkpoint_missing", "crashed", "disk_full", "unexpected", "worker_lost")
BROKEN_SITE = ("expired", "forged", "malformed")  # why events of an integration are refused


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: the alert's.
        is_bad: whether somebody should act.
        says: how it stands, a sentence.
        remedy: what to do; empty where nothing is.
    """

    name: str
    is_bad: bool
    says: str
    remedy: str = ""


def findings() -> list[Finding]:
    """Look at everything."""
    return [look() for look in LOOKS]


def _counts() -> Finding:
    waiting, age_s = rollup.uncounted(), _age_s("roll_up")
    is_bad = waiting > 0 and (age_s is None or age_s > COUNTS_LATE_S)
    last = "have never been counted" if age_s is None else f"were last counted {age_s:,.0f} s ago"
    return Finding(
        "CountsLate",
        is_bad,
        f"Events {last}; {waiting:,} batches wait.",
        "Start a worker and the clock (beat). Events are safe meanwhile; reports are old.",
    )


def _bots() -> Finding:
    age_s = _age_s("flag_bots")
    ago = "" if age_s is None else f"{age_s / 3600:,.1f} hours ago"
    return Finding(
        "BotsNotSought",
        age_s is not None and age_s > BOTS_LATE_S,
        f"Bots were last looked for {ago}." if ago else "Bots have never been looked for.",
        "Start a worker and the clock (beat): what bots do counts until then.",
    )


def _broker() -> Finding:
    remedy = "Start it. Events are taken meanwhile; thumbnails and counts wait."
    if refusal := broker_refusal():
        said = f"Tasks cannot be sent: {refusal}."
        return Finding("BrokerAway", is_bad=True, says=said, remedy=remedy)
    return Finding("BrokerAway", is_bad=False, says="The broker of tasks answers.")


def _tasks() -> Finding:
    name, remedy = "TasksWait", "Start a worker of that queue, or look in its log why it stands."
    if not settings.CELERY_BROKER_URL.startswith("pgmq://"):
        return Finding(name, is_bad=False, says="Another broker than the database carries tasks.")
    late = [each for each in waiting_tasks() if each.oldest_s > TASKS_LATE_S]
    said = "; ".join(f"{each.tasks:,} in “{each.queue}”, the oldest for {each.oldest_s / 60:,.0f} "
                     "minutes" for each in late)  # fmt: skip
    return Finding(name, bool(late), f"Tasks wait: {said}." if late else "No task waits.", remedy)


def _making() -> Finding:
    failed = Video.objects.filter(error_code__in=OUR_FAULTS).order_by()
    by_code = dict(failed.values_list("error_code").annotate(Count("pk")))
    said = ", ".join(f"{count:,} of “{code}”" for code, count in sorted(by_code.items()))
    return Finding(
        "MakingFails",
        bool(by_code),
        f"Videos failed by no fault of their files: {said}." if by_code else
        "No video failed by a fault of the site.",
        "Read the error at Making, mend its cause, and try the videos again there.",
    )  # fmt: skip


def _refused() -> Finding:
    refused = queries.rejections()
    of_sites = {reason: refused[reason] for reason in BROKEN_SITE if refused.get(reason)}
    said = ", ".join(f"{count:,} {reason}" for reason, count in of_sites.items()) or "none"
    return Finding(
        "EventsRefused", is_bad=False, says=f"Events refused as a broken site sends them: {said}."
    )


def _disk() -> Finding:
    folder = settings.ROOT / "var" if settings.S3_BUCKET else settings.MEDIA_ROOT
    while not folder.exists():
        folder = folder.parent
    disk = shutil.disk_usage(folder)
    free = f"{disk.free / 1e9:,.0f} GB of {disk.total / 1e9:,.0f} GB are free where media lie."
    if refusal := _refusal_to_write(folder):
        remedy = "Mount the volume for writing, and let the site's user write there."
        said = f"Media cannot be written: {refusal}. {free}"
        return Finding("DiskFull", is_bad=True, says=said, remedy=remedy)
    return Finding(
        "DiskFull",
        disk.free < DISK_LEAST_SHARE * disk.total,
        free,
        "Run manage.py delete_unused_files, or give the volume more room.",
    )


def _refusal_to_write(folder: Path) -> str:
    """Return why a byte cannot be written into the folder; "" where it can."""
    try:
        with TemporaryFile(dir=folder) as file:
            file.write(b"0")
            file.flush()
    except OSError as error:
        return error.strerror or str(error)
    return ""


# What serving takes besides the database, by the names that /readyz gives.
SERVING: dict[str, Callable[[], Finding]] = {
    "broker": _broker,
    "storage": _disk,
    "counts": _counts,
}
LOOKS: tuple[Callable[[], Finding], ...] = (
    *SERVING.values(),
    _bots,
    _tasks,
    _making,
    _refused,
)


def _age_s(task: str) -> float | None:
    """Return how long ago a regular task ended last; None where it never has."""
    ended = WorkTime.objects.filter(kind=WorkTime.Kind.TASK, name=task).values_list("ended_at")
    for (at,) in ended:
        return (timezone.now() - at).total_seconds()
    return None
