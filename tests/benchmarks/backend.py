"""The CPU time of the process that serves this connection, for figures on a shared machine."""

import os
from pathlib import Path

from django.db import connection

TICKS_A_S = os.sysconf("SC_CLK_TCK")


def cpu_s() -> float:
    """Return what this connection's server process has used so far, with 10 ms to a tick."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_S


def alone() -> None:
    """Let this connection's server process do all by itself, so that its CPU time is the whole."""
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
