"""The transport of tasks by RabbitMQ."""

from typing import Any

from kombu.transport import pyamqp

from experiments import heartbeat

HEARTBEAT_S = 5.0


class RabbitTransport(pyamqp.Transport):
    """Carries tasks by RabbitMQ."""

    def register_with_event_loop(self, connection: Any, loop: Any) -> None:
        """Let a worker's loop look for tasks."""
        super().register_with_event_loop(connection, loop)
        loop.call_repeatedly(HEARTBEAT_S, heartbeat.touch)
