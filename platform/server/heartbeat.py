"""Signs of life of workers and the clock.

A worker touches its file whenever its loop looks for tasks, and at each end of a task; the clock,
for each task that the broker took.
"""

from celery.signals import after_task_publish, task_postrun, task_prerun

from experiments.heartbeat import touch


def listen() -> None:
    """Touch the file at what Celery tells."""
    for signal in (after_task_publish, task_prerun, task_postrun):
        signal.connect(touch)
