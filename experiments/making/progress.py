"""Progress of the making: how far it is, how fast it goes, what failed and why, what is next."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min
from django.utils import timezone

from experiments.making.jobs import UNFINISHED
from experiments.models import Video

State = Video.State
RATE_WINDOW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the making is.

    Attributes:
        counts: videos by state.
        unfinished: of them, how many are still to be made.
        ended: how many are made, or given up.
        per_hour: videos made or given up, over the last ten minutes; None where none was.
        left_s: until all are, at that rate; None where there is none.
    """

    counts: dict[str, int]
    unfinished: int
    ended: int
    per_hour: float | None
    left_s: float | None


@dataclass(frozen=True, slots=True)
class Failure:
    """Videos that failed at one step for one reason.

    Attributes:
        code: the reason's name.
        step: the step's name; "" where none was begun.
        videos: how many there are.
        example: what is said of one of them.
    """

    code: str
    step: str
    videos: int
    example: str


def progress() -> Progress:
    """Count the videos by state and tell how fast they are made."""
    pairs = Video.objects.order_by().values_list("state").annotate(Count("pk"))
    counts = {str(state): number for state, number in pairs}
    unfinished = sum(counts.get(state, 0) for state in UNFINISHED)
    per_hour = _per_hour(timezone.now())
    left_s = unfinished / per_hour * 3600 if per_hour else None
    ended = counts.get(State.READY, 0) + counts.get(State.FAILED, 0)
    return Progress(counts, unfinished, ended, per_hour, left_s)


def failures() -> list[Failure]:
    """Return the reasons for which videos failed, the most frequent first."""
    failed = Video.objects.filter(state=State.FAILED).order_by().values("error_code", "step")
    rows = failed.annotate(videos=Count("pk"), example=Max("error_message"))
    return [
        Failure(row["error_code"], row["step"], row["videos"], row["example"])
        for row in rows.order_by("-videos", "error_code", "step")
    ]


def _per_hour(now: datetime) -> float | None:
    recent = Video.objects.filter(finished_at__gt=now - RATE_WINDOW)
    found = recent.aggregate(number=Count("pk"), first=Min("finished_at"))
    if found["number"] < 2:
        return None
    span_s = (now - found["first"]).total_seconds()
    return float((found["number"] - 1) / span_s * 3600) if span_s else None
