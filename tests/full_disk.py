"""A disk that has no more room, as the system tells it."""

import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_file_over(size_bytes: int) -> Iterator[None]:
    """Let the system refuse bytes beyond the size, as a full disk does.

    Nothing is compiled meanwhile: Python does not look at how much of a module it could write, so
    that the next process would read half of one.
    """
    compiles, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.getsignal(signal.SIGXFSZ)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
        sys.dont_write_bytecode = compiles
