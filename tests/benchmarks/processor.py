"""CPU time of server processes, for figures on a machine that others use, too."""

import os
from pathlib import Path

from django.db import connection

TICKS_A_S = os.sysconf("SC_CLK_TCK")


def backend_s() -> float:
    """Return what this connection's server process has used so far, with 10 ms to a tick."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    return _used_s(pid, until=2)


def tree_s(pid: int) -> float:
    """Return what a process and all that it started have used so far, those that ended too."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):  # ended meanwhile
        children = []
    return _used_s(pid, until=4) + sum(map(tree_s, map(int, children)))


def idle_s() -> float:
    """Return how long the machine's cores had nothing to do so far, or waited for a disk."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()
    return sum(map(int, fields[4:6])) / TICKS_A_S


def backend_alone() -> None:
    """Let this connection's server process do all by itself, so that its CPU time is the whole."""
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")


def _used_s(pid: int, until: int) -> float:
    """Return a process's user and system time; with ``until`` 4 those of ended children, too."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):  # ended meanwhile: its parent has its time
        return 0.0
    return sum(map(int, fields[11 : 11 + until])) / TICKS_A_S
