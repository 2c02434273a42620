"""What carries the tasks is there after a migration, before any worker starts."""

from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from server.broker import install_broker
from server.celery import app

pytestmark = pytest.mark.django_db


def queues_that_notify() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT queue_name FROM pgmq.meta JOIN pgmq.notify_insert_throttle USING (queue_name) "
            "JOIN pg_trigger ON tgrelid = ('pgmq.q_' || queue_name)::regclass "
            "WHERE tgname = 'trigger_notify_queue_insert_listeners' ORDER BY queue_name"
        )
        return [name for (name,) in cursor.fetchall()]


def test_queues_are_made_once(settings: Any) -> None:
    settings.CELERY_BROKER_URL = "pgmq://anywhere"
    install_broker(apps.get_app_config("experiments"))
    assert queues_that_notify() == ["asked", "celery"]
    settings.FEATURES_QUEUE = "features"
    for _ in range(2):
        install_broker(apps.get_app_config("experiments"))
    assert queues_that_notify() == ["asked", "celery", "features"]


@pytest.mark.parametrize("task", ["make_frame", "make_storyboard", "make_thumbnails", "roll_up"])
def test_what_somebody_waits_for_has_a_queue_that_every_worker_reads(task: str) -> None:
    asked = app.amqp.router.route({}, task)["queue"]
    assert asked.name == asked.routing_key  # or the exchange would copy each task into all queues
    assert (asked.name == "asked") == (task in {"make_frame", "make_storyboard"})
    assert asked.name in app.amqp.queues.consume_from


def test_another_broker_is_left_alone(settings: Any) -> None:
    settings.CELERY_BROKER_URL = "redis://anywhere"
    settings.FEATURES_QUEUE = "features"
    install_broker(apps.get_app_config("experiments"))
    assert "features" not in queues_that_notify()
