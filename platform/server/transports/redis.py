"""The transport of tasks by Redis."""

import logging
from typing import Any

from kombu.transport import redis

from experiments import heartbeat
from server.transports import NO_TASK

logger = logging.getLogger(__name__)
HEARTBEAT_S = 5.0


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
