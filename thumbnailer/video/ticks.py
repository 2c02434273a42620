"""The steady rate at which films are measured: a tick shows the frame that is then on screen."""

TICKS_PER_S = 12


def tick_at(time_s: float) -> int:
    """Return the tick that is nearest to a second of film."""
    return round(time_s * TICKS_PER_S)
