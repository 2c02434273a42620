"""How much memory a process and all that it starts take together, as Linux shares it out."""

import threading
import time
from dataclasses import dataclass
from pathlib import Path

LOOK_EVERY_S = 0.05
KB_IN_MB = 1024


@dataclass(frozen=True)
class Size:
    """What one process holds, in MB.

    Attributes:
        own: its part of the anonymous memory: pages shared by n processes count 1/n.
        shared: the other parts of it.
        files: pages of mapped files: programs and libraries.
    """

    own: float = 0.0
    shared: float = 0.0
    files: float = 0.0


@dataclass
class Peak:
    """The highest that was seen, in MB.

    Attributes:
        together: of all processes at one moment, as ``together_mb`` counts.
        largest: resident set of a single process, shared pages and all.
        parts: what each process held then, the first one's children after it.
    """

    together: float = 0.0
    largest: float = 0.0
    parts: tuple[Size, ...] = ()


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
            sizes = [_size_mb(pid) for pid in family(self._pid)]
            if (together := _together(sizes)) > self.peak.together:
                self.peak.together, self.peak.parts = together, tuple(sizes)
            largest = max((each.own + each.shared + each.files for each in sizes), default=0.0)
            self.peak.largest = max(self.peak.largest, largest)
            time.sleep(LOOK_EVERY_S)


def together_mb(pid: int) -> float:
    """Return what the process and its descendants take now.

    Anonymous pages that they share are counted once. Of files, those of the first process and of
    the one that maps most: the others map the same, and other programs that do make none free.
    """
    return _together([_size_mb(each) for each in family(pid)])


def _together(sizes: list[Size]) -> float:
    files = [each.files for each in sizes]
    return sum(each.own for each in sizes) + sum({*files[:1], max(files, default=0.0)})


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


def _size_mb(pid: int) -> Size:
    """Return the size; nothing of a process that has ended meanwhile."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    except (FileNotFoundError, ProcessLookupError):
        return Size()
    fields = {line.split(":")[0]: int(line.split()[1]) / KB_IN_MB for line in lines}
    anonymous, own = fields["Anonymous"], fields["Pss_Anon"]
    return Size(own, anonymous - own, fields["Rss"] - anonymous)
