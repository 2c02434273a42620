"""Signs of life of workers and the clock: a file that they touch at work, judged by its age.

A worker touches it whenever its loop looks for tasks, and at each end of a task; the clock, for
each task that the broker took. A process that lives and stands still touches nothing.
"""

from pathlib import Path

from celery.signals import after_task_publish, task_postrun, task_prerun
from django.conf import settings


def touch(**_: object) -> None:
    """Show life, where COVERLIFT_HEARTBEAT names a file."""
    if settings.HEARTBEAT:
        Path(settings.HEARTBEAT).touch()


def listen() -> None:
    """Touch the file at what Celery tells."""
    for signal in (after_task_publish, task_prerun, task_postrun):
        signal.connect(touch)
