"""How far the making is, how fast it goes, and why videos failed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from experiments.making.progress import Failure, failures, progress
from experiments.models import Video

pytestmark = pytest.mark.django_db
State = Video.State


def add(slug: str, **fields: object) -> None:
    Video.objects.create(slug=slug, title=slug, file=f"videos/{slug}.mp4", **fields)


def test_rate_and_time_left_are_those_of_the_last_minutes() -> None:
    assert (progress().per_hour, progress().left_s) == (None, None)
    for number in range(7):
        ended = timezone.now() - timedelta(seconds=60 * (6 - number))
        add(f"done-{number}", state=State.READY, finished_at=ended)
    add("left-1", state=State.WAITING)
    add("left-2", state=State.MAKING)
    add("given-up", state=State.FAILED, error_code="crashed")
    now = progress()
    assert (now.unfinished, now.ended) == (2, 8)
    assert now.per_hour == pytest.approx(60, rel=0.02)
    assert now.left_s == pytest.approx(120, rel=0.02)


def test_reasons_are_counted_the_most_frequent_first() -> None:
    add("ready", state=State.READY)
    for number, (code, step) in enumerate(
        [("time_limit", "features"), ("crashed", "probe"), ("time_limit", "features"),
         ("time_limit", "encode")]
    ):  # fmt: skip
        add(f"v{number}", state=State.FAILED, error_code=code, step=step,
            error_message=f"v{number} {code}")  # fmt: skip
    assert failures() == [
        Failure("time_limit", "features", 2, "v2 time_limit"),
        Failure("crashed", "probe", 1, "v1 crashed"),
        Failure("time_limit", "encode", 1, "v3 time_limit"),
    ]
