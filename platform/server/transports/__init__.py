"""Transports of tasks that drop what is no task: one such message would end every worker.

A broker is shared with whoever may write to it, other versions of the site among them.
"""

from kombu.transport import TRANSPORT_ALIASES

NO_TASK = (AttributeError, KeyError, TypeError, ValueError)  # what reading one raises


def use_transports() -> None:
    """Let broker addresses stand for these transports; only the one that is used is imported."""
    TRANSPORT_ALIASES["pgmq"] = f"{__name__}.pgmq:PgmqTransport"
    for scheme in ("amqp", "amqps", "pyamqp"):
        TRANSPORT_ALIASES[scheme] = f"{__name__}.rabbitmq:RabbitTransport"
    for scheme in ("redis", "rediss"):
        TRANSPORT_ALIASES[scheme] = f"{__name__}.redis:RedisTransport"
