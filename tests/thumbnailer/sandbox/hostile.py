"""Steps that do to their process what a hostile file may do to a decoder."""

import ctypes
import errno
import os
import pickle
import signal
import socket
import stat
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from thumbnailer.errors import UnreadableVideoError
from thumbnailer.features import faces, text_detector
from thumbnailer.sandbox.messages import done, pack


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


def variables(_path: str) -> dict[str, str]:
    return dict(os.environ)


def open_a_socket(_path: str) -> None:
    socket.socket()


def open_files(_path: str) -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


class Harmful:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("harmed",)


def write_to_the_pipe(content: bytes) -> None:
    (pipe,) = (
        each for each in Path("/proc/self/fd").iterdir() if int(each.name) > 2 and is_pipe(each)
    )
    os.write(int(pipe.name), content)
    os._exit(0)


def is_pipe(open_file: Path) -> bool:
    return open_file.exists() and stat.S_ISFIFO(open_file.stat().st_mode)


def answer_with_a_pickle(_path: str) -> None:
    write_to_the_pipe(pickle.dumps(Harmful()))


def answer_with_another_type(_path: str) -> int:
    write_to_the_pipe(pack(done("text")))
    return 1


def raise_a_strangers_error(path: str) -> None:
    raise ZeroDivisionError(f"{path} has no frames")


def find_no_room(path: str) -> None:
    raise OSError(errno.ENOSPC, f"no room for {path}")


def refuse(path: str) -> None:
    raise UnreadableVideoError(f"{path} is a letter")


def print_much(_path: str) -> str:
    sys.stdout.write("noise " * 1000)
    sys.stdout.flush()
    return "answer"


def answer_much(_path: str) -> bytes:
    return bytes(5_000_000)


def looks_for_faces_and_text(_path: str) -> bool:
    """Tell whether the networks that do so were loaded before this step began."""
    return bool(
        faces._networks.cache_info().currsize and text_detector._detector.cache_info().currsize
    )


def imported_by(_path: str, step: partial[Any]) -> set[str]:
    """Return the modules of ours that the step was the first to import, and the heavy packages."""
    before = set(sys.modules)
    step()
    new = set(sys.modules) - before
    ours = {name for name in new if name.startswith("thumbnailer.")}
    return ours | (new & {"torch", "numpy", "av", "PIL", "numba", "scipy"})
