"""Steps that do to their process what a hostile file may do to a decoder."""

import ctypes
import os
import signal
import sys
import time
from functools import partial
from typing import Any

import numpy as np

from thumbnailer.errors import UnreadableVideoError


def process_id(_path: str) -> tuple[int, int]:
    return os.getpid(), os.getppid()


def read_from_nowhere(_path: str) -> None:
    ctypes.string_at(0)


def leave(_path: str) -> None:
    os._exit(7)


def sleep(_path: str) -> None:
    time.sleep(600)


def compute(_path: str) -> None:
    while True:
        pass


def fill_memory(_path: str) -> int:
    rows = [np.ones(10_000_000) for _ in range(1000)]
    return len(rows)


def be_killed(_path: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_the_server(_path: str) -> None:
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(60)


def refuse(path: str) -> None:
    raise UnreadableVideoError(f"{path} is a letter")


def print_much(_path: str) -> str:
    sys.stdout.write("noise " * 1000)
    sys.stdout.flush()
    return "answer"


def answer_much(_path: str) -> bytes:
    return bytes(5_000_000)


def imported_by(_path: str, step: partial[Any]) -> set[str]:
    """Return the modules of ours that the step was the first to import, and the heavy packages."""
    before = set(sys.modules)
    step()
    new = set(sys.modules) - before
    ours = {name for name in new if name.startswith("thumbnailer.")}
    return ours | (new & {"torch", "numpy", "av", "PIL", "numba", "scipy"})
