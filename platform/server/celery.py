"""The worker's door: `celery -A server.celery worker`."""

import os

from celery import Celery, signals

from server import heartbeat, logs, priority  # noqa: F401  logs listen by themselves
from server.transports import use_transports

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
# Django's checks would load every page, and SciPy, pandas and Plotly with them;
# `manage.py migrate`, which runs before every start, checks the same settings.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

use_transports()
heartbeat.listen()
signals.worker_init.connect(priority.yield_to_answers)
app = Celery("coverlift")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.worker_ready.connect
def look_for_work(**_: object) -> None:
    """Let a worker that starts look for a video to make: the message of one may be lost."""
    app.send_task("make_thumbnails")
