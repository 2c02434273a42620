"""Priority: a worker lets who answers people go first, where they share processors."""

import os
from contextlib import suppress
from pathlib import Path

from django.conf import settings

AUTOGROUP = Path("/proc/self/autogroup")


def yield_to_answers(**_: object) -> None:
    """Lower the priority of this process and of those that it starts, and of its queries."""
    # Each takes one of the database's cores, and leaves the others to who answers people.
    os.environ.setdefault("PGOPTIONS", "-c max_parallel_workers_per_gather=0")
    os.nice(settings.WORKER_NICENESS)
    # Linux may divide processors among sessions first. Only of its own is this to say.
    if os.getsid(0) == os.getpid() and session_has_group():
        with suppress(OSError):  # in some containers, which have shares of their own
            AUTOGROUP.write_text(str(settings.WORKER_NICENESS))


def session_has_group() -> bool:
    """Whether Linux gives this session a share of its own: the first of a machine has none."""
    return AUTOGROUP.exists() and bool(AUTOGROUP.read_text())
