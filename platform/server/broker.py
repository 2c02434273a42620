"""Postgres as the Celery broker: the tables and functions of PGMQ, as plain SQL."""

from dataclasses import dataclass

from django.apps import AppConfig
from django.conf import settings
from django.db import connection
from kombu import Connection
from kombu.exceptions import OperationalError

from server.celery import app

ANSWERS_WITHIN_S = 2


def install_broker(sender: AppConfig, **_: object) -> None:  # noqa: ARG001  a signal's signature
    """Install PGMQ's schema and the queues after a migration, where Postgres carries the tasks.

    Workers would make the queues, but two that start at once would both set the same trigger.
    """
    if not settings.CELERY_BROKER_URL.startswith("pgmq://"):
        return
    from pgmq.install import get_embedded_install_sql  # noqa: PLC0415  only where it is used

    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pgmq.meta')")
        if cursor.fetchone() == (None,):
            cursor.execute(get_embedded_install_sql())
        for queue in {*own_queues(), settings.FEATURES_QUEUE} - {""}:
            cursor.execute("SELECT FROM pgmq.meta WHERE queue_name = %s", [queue])
            if cursor.fetchone() is None:
                cursor.execute("SELECT pgmq.create(%s)", [queue])
                cursor.execute("SELECT pgmq.enable_notify_insert(%s)", [queue])


def own_queues() -> list[str]:
    """Return the queues that every worker reads which is not told otherwise."""
    return [queue.name for queue in app.conf.task_queues]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Tasks that wait in a queue: how many, and for how long the oldest has (0 for none)."""

    queue: str
    tasks: int
    oldest_s: float


def waiting_tasks() -> list[Waiting]:
    """Return what waits in each queue, where Postgres carries the tasks."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT queue_name, queue_length, oldest_msg_age_sec FROM pgmq.metrics_all()"
        )
        return [Waiting(queue, length, age_s or 0) for queue, length, age_s in cursor.fetchall()]


def broker_refusal() -> str:
    """Return why the broker takes no task; "" where it does. Raises what the database raises."""
    if settings.CELERY_BROKER_URL.startswith("pgmq://"):
        waiting_tasks()
        return ""
    patience = {"socket_connect_timeout": ANSWERS_WITHIN_S, "socket_timeout": ANSWERS_WITHIN_S}
    asked = Connection(settings.CELERY_BROKER_URL, transport_options=patience)
    try:
        with asked:
            asked.ensure_connection(max_retries=1, interval_start=0, timeout=ANSWERS_WITHIN_S)
    except OperationalError as error:
        return str(error)
    return ""
