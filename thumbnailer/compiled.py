"""Compiled inner loops: machine code, made once for a machine where that can be."""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path
from typing import TypeVar, cast

import numba
from llvmlite.binding import get_host_cpu_name
from numba import njit

Function = TypeVar("Function", bound=Callable[..., object])


def can_write(folder: Path) -> bool:
    """Return whether files can be made in this folder, which is made where it is missing."""
    try:
        folder.mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


# Left to itself numba would fall back to a folder in the user's home, or refuse to import.
OWN_FOLDER = Path(__file__).parent / "__pycache__"
FOLDER = Path(os.environ.get("NUMBA_CACHE_DIR") or OWN_FOLDER)
KEEPS_CACHE = FOLDER != OWN_FOLDER or can_write(OWN_FOLDER)


def compile_apart(*functions: Callable[[], None]) -> None:
    """Call what compiles in a child process: this one finds the machine code, without the memory.

    Of processes that start at one time the first compiles, and the others wait for its code. A file
    says that all is compiled: to look for it in numba's own takes a second.
    What goes wrong there goes wrong again, and is told, where this process calls it.
    """
    done = FOLDER / f"all-compiled.{_stamp(functions)}"
    if not KEEPS_CACHE or done.exists():
        return
    child = os.fork()
    if child == 0:
        try:
            FOLDER.mkdir(parents=True, exist_ok=True)
            # Linux locks a folder as it does a file, and lets go of it when the child ends.
            fcntl.flock(os.open(FOLDER, os.O_RDONLY), fcntl.LOCK_EX)
            for function in functions:
                function()
            for older in FOLDER.glob("all-compiled.*"):
                older.unlink()
            done.touch()
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def _stamp(functions: Iterable[Callable[[], None]]) -> str:
    """Return what code is kept for: these functions of sources with these times, as numba looks."""
    files = sorted(Path(__file__).parent.rglob("*.py"))
    of_files = [(str(each), each.stat().st_mtime_ns, each.stat().st_size) for each in files]
    names = [each.__qualname__ for each in functions]
    kept_for = names, of_files, numba.__version__, get_host_cpu_name()
    return sha256(repr(kept_for).encode()).hexdigest()[:20]


def compiled(function: Function) -> Function:
    """Compile the function at its first call; later processes find it in ``__pycache__``.

    Where that folder cannot be written, each process compiles anew, which takes seconds.
    Threads compute beside each other: the code holds no lock.
    Arithmetic is left in the order written, so that every machine makes the same bytes.
    """
    return cast("Function", njit(cache=KEEPS_CACHE, nogil=True)(function))


def inlined(function: Function) -> Function:
    """Compile the function into each that calls it, where a call would cost more than its work."""
    return cast("Function", njit(inline="always")(function))
