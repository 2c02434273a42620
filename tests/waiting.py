"""Waits for what other processes do. Patience catches what hangs, and says nothing of speed."""

import time
from collections.abc import Callable
from pathlib import Path

PATIENCE_S = 240
BETWEEN_LOOKS_S = 0.05
A_LOOK_AT_MOST_S = 60.0


class Patience:
    """Some time to wait; stopped, a process spends a minute of it."""

    def __init__(self, seconds: float = PATIENCE_S) -> None:
        self._left_s, self._looked_at_s = seconds, time.monotonic()

    def is_over(self) -> bool:
        """Tell whether the time has passed; asked often, or it lasts longer."""
        now_s = time.monotonic()
        self._left_s -= min(now_s - self._looked_at_s, A_LOOK_AT_MOST_S)
        self._looked_at_s = now_s
        return self._left_s < 0


def wait_until(condition: Callable[[], bool], hope: str, patience_s: float = PATIENCE_S) -> None:
    """Wait until the condition holds; where it never does, the hope is named."""
    patience = Patience(patience_s)
    while not condition():
        assert not patience.is_over(), f"waited {patience_s:.0f} s in vain until {hope}"
        time.sleep(BETWEEN_LOOKS_S)


def is_alive(process_id: int) -> bool:
    """Tell whether the process runs: one that has ended may stay in the list for a while."""
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
