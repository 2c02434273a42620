"""Celery's doors, one line each: tasks take ids and may run twice."""

from celery import shared_task

from experiments import candidates


@shared_task(name="make_thumbnails")
def make_thumbnails(video_id: int) -> None:
    """Make the thumbnails that a video lacks."""
    candidates.make(video_id)
