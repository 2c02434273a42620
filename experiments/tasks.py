"""Celery's doors, one line each: tasks take ids and may run twice."""

from celery import shared_task

from experiments import bots, candidates, rollup


@shared_task(name="make_thumbnails")
def make_thumbnails(video_id: int) -> None:
    """Make the thumbnails that a video lacks."""
    candidates.make(video_id)


@shared_task(name="roll_up")
def roll_up() -> None:
    """Count the events that came since the last time."""
    rollup.roll_up()


@shared_task(name="flag_bots")
def flag_bots() -> None:
    """Flag suspect viewers of the days that may still have changed; the rollup follows."""
    bots.flag_last_days(3)
