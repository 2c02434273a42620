"""Priority: a worker lets who answers people go first, where they share processors."""

import os
from contextlib import suppress
from pathlib import Path

from django.conf import settings

AUTOGROUP = Path("/proc/self/autogroup")


def yield_to_answers(**_: object) -> None:
    """Lower the priority of this process and of those that it starts."""
    os.nice(settings.WORKER_NICENESS)
    # Linux may divide processors among sessions first. Only of its own is this to say.
    if os.getsid(0) == os.getpid() and AUTOGROUP.exists():
        with suppress(PermissionError):  # in some containers, which have shares of their own
            AUTOGROUP.write_text(str(settings.WORKER_NICENESS))
