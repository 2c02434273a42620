"""Transports of tasks that drop what is no task: one such message would end every worker.

A broker is shared with whoever may write to it, other versions of the site among them.
"""

import logging
from collections.abc import Iterable
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, pgmq, redis
from kombu.transport.virtual import Message

from server import heartbeat

logger = logging.getLogger(__name__)
HEARTBEAT_S = 5.0
NO_TASK = (AttributeError, KeyError, TypeError, ValueError)  # what reading one raises


class PgmqChannel(pgmq.Channel):
    """Reads a queue in Postgres."""

    def _pgmq_messages_to_python(self, messages: Iterable[Any], queue: str) -> list[Any]:
        return [
            self._pgmq_message_to_python(message, queue)
            for message in messages
            if self._is_task(message, queue)
        ]

    def _is_task(self, message: Any, queue: str) -> bool:
        """Tell whether a message can be read; delete it where it cannot: it would come again."""
        try:
            Message(message.message, channel=self)
        except NO_TASK as error:
            logger.error("message %s of %s is no task: %r", message.msg_id, queue, error)
            self.pgmq.delete(self.canonical_queue_name(queue), message.msg_id)
            return False
        return True


class PgmqTransport(pgmq.Transport):
    """Carries tasks by the site's own database."""

    Channel = PgmqChannel

    def drain_events(self, *arguments: Any, **options: Any) -> None:
        """Look for tasks, which a worker does again and again."""
        heartbeat.touch()
        super().drain_events(*arguments, **options)  # type: ignore[no-untyped-call]


class RedisChannel(redis.Channel):
    """Reads a list in Redis, which has let go of a message that is read."""

    def _brpop_read(self, **options: Any) -> bool:
        try:
            return bool(super()._brpop_read(**options))  # type: ignore[misc]  # not in the stubs
        except NO_TASK:
            logger.exception("a message is no task")
            return True


class RedisTransport(redis.Transport):
    """Carries tasks by Redis."""

    Channel = RedisChannel

    def register_with_event_loop(self, connection: Any, loop: Any) -> None:
        """Let a worker's loop look for tasks."""
        super().register_with_event_loop(connection, loop)
        loop.call_repeatedly(HEARTBEAT_S, heartbeat.touch)


def use_transports() -> None:
    """Let broker addresses stand for these transports."""
    TRANSPORT_ALIASES["pgmq"] = f"{__name__}:PgmqTransport"
    for scheme in ("redis", "rediss"):
        TRANSPORT_ALIASES[scheme] = f"{__name__}:RedisTransport"
