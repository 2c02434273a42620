"""Celery's doors, one line each: tasks take ids and may run twice."""

from typing import Any

from celery import shared_task
from django.db import InterfaceError, OperationalError

from experiments import bots, candidates, jobs, rollup
from experiments.models import Video

DATABASE_AWAY_S = 10.0


@shared_task(name="make_thumbnails", bind=True, max_retries=None)
def make_thumbnails(self: Any) -> None:
    """Make the thumbnails of the most urgent video that is due."""
    try:
        delay_s = jobs.work()
    except (OperationalError, InterfaceError) as error:
        raise self.retry(exc=error, countdown=DATABASE_AWAY_S) from error
    if delay_s is not None:
        make_thumbnails.apply_async(countdown=delay_s + 1.0)


@shared_task(name="make_strip")
def make_strip(video_id: int) -> None:
    """Make the sheet of a video's frames that a person picks from."""
    candidates.make_strip(Video.objects.get(pk=video_id))


@shared_task(name="roll_up")
def roll_up() -> None:
    """Count the events that came since the last time."""
    rollup.roll_up()


@shared_task(name="flag_bots")
def flag_bots() -> None:
    """Flag suspect viewers of the days that may still have changed; the rollup follows."""
    bots.flag_last_days(3)
