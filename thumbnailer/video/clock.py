"""Seconds of film by time stamps that may jump.

Recordings of broadcasts are joined, cut and restarted, and each part brings a clock of its own. A
part then follows the one before it; the stamps tell only how its own frames lie.
"""

# As `ffmpeg -dts_delta_threshold`; films that stand still for longer are no broadcasts.
LONGEST_GAP_S = 10.0
STEP_BACK_S = 0.1
# Containers in which a clock may start anew at any place.
RESTARTED = frozenset({"mpegts", "mpeg", "flv"})


class Clock:
    """Counts the seconds of film from the first frame on, or from a stamp that is told.

    Attributes:
        end_s: where the last frame ends, in seconds of film.
        jumps: how often the stamps did not follow on each other.
    """

    def __init__(self, container_format: str, start_stamp_s: float | None = None) -> None:
        self.end_s = 0.0
        self.jumps = 0
        self._may_start_anew = container_format in RESTARTED
        self._zero_stamp_s = start_stamp_s
        self._last_s: float | None = None

    def time_s(self, stamp_s: float | None, length_s: float) -> float:
        """Return when a frame with this stamp begins; without a stamp it follows the last one."""
        if self._zero_stamp_s is None and stamp_s is not None:
            self._zero_stamp_s = stamp_s - self.end_s
        time_s = self.end_s
        if stamp_s is not None and self._zero_stamp_s is not None:
            time_s = self._followed(stamp_s)
        self._last_s, self.end_s = time_s, time_s + length_s
        return time_s

    def _followed(self, stamp_s: float) -> float:
        assert self._zero_stamp_s is not None  # noqa: S101  as the caller sees to it
        time_s = stamp_s - self._zero_stamp_s
        if self._last_s is None:
            return time_s
        goes_back = time_s < self._last_s - STEP_BACK_S
        leaps = self._may_start_anew and time_s > self.end_s + LONGEST_GAP_S
        if not (goes_back or leaps):
            return time_s
        self.jumps += 1
        self._zero_stamp_s = stamp_s - self.end_s
        return self.end_s
