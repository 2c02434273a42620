"""Waits for what other processes do. Patience catches what hangs, and says nothing of speed."""

import time
from collections.abc import Callable
from pathlib import Path

PATIENCE_S = 240
BETWEEN_LOOKS_S = 0.05


def wait_until(condition: Callable[[], bool], hope: str) -> None:
    """Wait until the condition holds; where it never does, the hope is named."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE_S:.0f} s in vain until {hope}"
        time.sleep(BETWEEN_LOOKS_S)


def is_alive(process_id: int) -> bool:
    """Tell whether the process runs: one that has ended may stay in the list for a while."""
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
