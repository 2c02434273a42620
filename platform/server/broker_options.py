"""Options that each kind of broker of tasks needs, so that no task is lost and no page hangs."""

PATIENCE_S = 5  # a page that sends a task to a broker that hangs fails, and does not wait for ever
TAKEN_AGAIN_AFTER_S = 600  # what no worker has finished by then is given to another
POSTGRES = {
    "use_notify": True,
    "wait_time_seconds": 0,
    "polling_interval": 0.1,
    "visibility_timeout": TAKEN_AGAIN_AFTER_S,
    "init_extension": False,
}
REDIS = {
    "socket_connect_timeout": PATIENCE_S,
    "socket_timeout": PATIENCE_S,
    # By itself Redis waits for an hour, and looks for what is overdue every hundred seconds.
    "visibility_timeout": TAKEN_AGAIN_AFTER_S,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
}
RABBITMQ = {
    "read_timeout": PATIENCE_S,
    "write_timeout": PATIENCE_S,
    "confirm_publish": True,  # whoever sends a task knows that the broker has it
}


def transport_options(broker_url: str) -> dict[str, object]:
    """Return the options of the broker at an address."""
    scheme = broker_url.partition(":")[0]
    if scheme == "pgmq":
        return dict(POSTGRES)
    if scheme in ("amqp", "amqps", "pyamqp"):
        return dict(RABBITMQ)
    return dict(REDIS) if scheme in ("redis", "rediss") else {}
