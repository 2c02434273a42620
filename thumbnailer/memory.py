"""Memory that is free again, and still this process's own."""

import ctypes


def give_back_freed_memory() -> None:
    """Return to the system what glibc keeps of freed memory, as after reading weights or a film.

    It keeps most of what was once larger than a frame, since it may be asked for again.
    """
    if hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        libc.malloc_trim(0)
