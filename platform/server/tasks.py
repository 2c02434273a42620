"""Celery's doors to what the site does for itself, one line each."""

from celery import shared_task

from experiments.work_times import timed
from server import retention


@shared_task(name="forget_old")
def forget_old() -> None:
    """Let go of old records."""
    with timed("forget_old"):
        retention.forget_old()
