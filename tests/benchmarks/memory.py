"""How much memory a process and all that it starts take together, as Linux shares it out."""

import threading
import time
from dataclasses import dataclass
from pathlib import Path

LOOK_EVERY_S = 0.05
KB_IN_MB = 1024


@dataclass
class Peak:
    """The highest that was seen, in MB.

    Attributes:
        together: sum of the proportional set sizes (PSS) of all processes at one moment.
        largest: resident set of a single process, shared pages and all.
    """

    together: float = 0.0
    largest: float = 0.0


class MemoryWatch:
    """Looks at a process and its descendants twenty times a second."""

    def __init__(self, pid: int) -> None:
        self.peak = Peak()
        self._pid, self._ended = pid, threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)
        self._thread.start()

    def stop(self) -> Peak:
        """Look no more, and return the peak."""
        self._ended.set()
        self._thread.join()
        return self.peak

    def _look_on(self) -> None:
        while not self._ended.is_set():
            sizes = [_sizes_mb(pid) for pid in family(self._pid)]
            self.peak.together = max(self.peak.together, sum(pss for pss, _ in sizes))
            self.peak.largest = max(self.peak.largest, *(rss for _, rss in sizes), 0.0)
            time.sleep(LOOK_EVERY_S)


def together_mb(pid: int) -> float:
    """Return what the process and its descendants take now."""
    return sum(_sizes_mb(each)[0] for each in family(pid))


def family(pid: int) -> list[int]:
    """Return the process and all its descendants that live."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [pid, *(each for child in children for each in family(int(child)))]


def lives(pid: int) -> bool:
    """Tell whether the process is there and has not ended; a zombie has."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def _sizes_mb(pid: int) -> tuple[float, float]:
    """Return PSS and RSS; nothing of a process that has ended meanwhile."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    except (FileNotFoundError, ProcessLookupError):
        return 0.0, 0.0
    fields = {line.split(":")[0]: int(line.split()[1]) / KB_IN_MB for line in lines}
    return fields["Pss"], fields["Rss"]
