"""The transport of tasks by Postgres."""

import logging
from collections.abc import Iterable
from typing import Any

from kombu.transport import pgmq
from kombu.transport.virtual import Message

from experiments import heartbeat
from server.transports import NO_TASK

logger = logging.getLogger(__name__)


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
