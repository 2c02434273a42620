"""Limits on what a step may use, and how a child is held to them."""

import ctypes
import os
import resource
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
BYTES_IN_MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one step may use.

    Attributes:
        time_s: of the clock, and of the processor.
        memory_mb: of address space, on top of what the loaded models take; 0 for no limit, as
            CUDA needs it, which reserves more than there is.
    """

    time_s: float
    memory_mb: int


def hold_to(limits: Limits) -> None:
    """Limit this process; what goes beyond gets a MemoryError, or the signal SIGXCPU."""
    time_s = int(limits.time_s) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (time_s, time_s + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if limits.memory_mb:
        allowed = address_space_bytes() + limits.memory_mb * BYTES_IN_MB
        resource.setrlimit(resource.RLIMIT_AS, (allowed, allowed))


def address_space_bytes() -> int:
    """Return how much address space this process has."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")


def end_with_parent() -> None:
    """Ask Linux to kill this process when its parent dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
