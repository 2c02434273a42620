"""The scheduling of threads, kept from encoders that take more than their share."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

THREADS = Path("/proc/self/task")


@contextmanager
def scheduling_kept() -> Iterator[None]:
    """Give every thread of this process the scheduling that the calling one had at first.

    SVT-AV1, opened by root, makes itself and the thread that opens it real-time, above every other
    process; all that this thread runs later would be so too, and can starve the machine.
    """
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        for thread in THREADS.iterdir():
            _schedule(int(thread.name), policy, parameters)


def _schedule(thread: int, policy: int, parameters: os.sched_param) -> None:
    try:
        if os.sched_getscheduler(thread) != policy:
            os.sched_setscheduler(thread, policy, parameters)
    except ProcessLookupError:  # it has ended meanwhile
        pass
