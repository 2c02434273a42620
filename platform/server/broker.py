"""Postgres as the Celery broker: the tables and functions of PGMQ, as plain SQL."""

from django.apps import AppConfig
from django.conf import settings
from django.db import connection


def install_broker(sender: AppConfig, **_: object) -> None:  # noqa: ARG001  a signal's signature
    """Install PGMQ's schema after a migration, once, where Postgres carries the tasks."""
    if not settings.CELERY_BROKER_URL.startswith("pgmq://"):
        return
    from pgmq.install import get_embedded_install_sql  # noqa: PLC0415  only where it is used

    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pgmq.meta')")
        if cursor.fetchone() == (None,):
            cursor.execute(get_embedded_install_sql())
