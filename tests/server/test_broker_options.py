"""Each broker is told what it needs, and its transport takes it."""

from typing import Any

import pytest
from kombu.transport import redis

from server.broker_options import TAKEN_AGAIN_AFTER_S, transport_options


@pytest.mark.parametrize("url", ["redis://host:6379/0", "rediss://host"])
def test_redis_gives_the_task_of_a_lost_worker_to_another_before_long(url: str) -> None:
    channel: Any = redis.Channel
    options = transport_options(url)
    assert options["visibility_timeout"] == TAKEN_AGAIN_AFTER_S < channel.visibility_timeout
    known = (*channel.from_transport_options, "unacked_restore_interval")
    assert set(options) <= set(known)


@pytest.mark.parametrize("url", ["amqp://host//", "amqps://host//", "pyamqp://host//"])
def test_rabbitmq_confirms_what_it_is_sent(url: str) -> None:
    assert transport_options(url)["confirm_publish"] is True
