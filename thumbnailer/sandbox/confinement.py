"""Confinement of the process that works on a hostile file: no secret, no network, no neighbour.

A file may take over its decoder. The child then has no variable that holds a secret, no pipe but
that of its own answer, and cannot open a socket or look into another process: the kernel refuses
it those calls (seccomp), which needs no rights and cannot be undone.
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Mapping

# What programs and libraries read of how the machine is set up; everything else stays behind.
_NEEDED = {"PATH", "HOME", "LANG", "TMPDIR", "TZ"}
_NEEDED_PREFIXES = ("PYTHON", "LC_", "LD_", "OMP_", "MKL_", "NUMBA_", "TORCH_", "CUDA_", "NVIDIA_")

PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 4, 22, 38
SECCOMP_MODE_FILTER = 2
# Of linux/audit.h; then socket, ptrace, process_vm_readv, process_vm_writev, io_uring_setup,
# pidfd_getfd.
_REFUSED = {
    "x86_64": (0xC000003E, (41, 101, 310, 311, 425, 438)),
    "aarch64": (0xC00000B7, (198, 117, 270, 271, 425, 438)),
}
_X32 = 0x40000000  # x86_64's second table of calls begins here
_LOAD, _EQUALS, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EACCES


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Return those variables that say how the machine is set up."""
    return {
        name: value
        for name, value in environment.items()
        if name in _NEEDED or name.startswith(_NEEDED_PREFIXES)
    }


def hide_memory() -> None:
    """Keep this process's memory and variables from others of the same user (/proc)."""
    if sys.platform == "linux":
        _prctl(PR_SET_DUMPABLE, 0)


def close_files_but(kept: int) -> None:
    """Close every open file but the standard ones and one more."""
    os.closerange(3, kept)
    os.closerange(kept + 1, os.sysconf("SC_OPEN_MAX"))


def refuse_calls() -> None:
    """Let the kernel refuse this process sockets and other processes' memory, for good.

    Raises:
        OSError: where the kernel has no seccomp.
    """
    if sys.platform != "linux" or platform.machine() not in _REFUSED:
        return
    program = _program(*_REFUSED[platform.machine()])
    rules = _Filter(len(program) // 8, program)
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(rules))


def _program(architecture: int, calls: tuple[int, ...]) -> bytes:
    """Return the filter in the kernel's own instructions: code, jump if true, if false, value.

    Each jump counts instructions to the last one but one, which refuses, or to the last.
    """
    refuse = len(calls) + 2  # how many instructions follow the second
    steps = [
        (_LOAD, 0, 0, 4),  # the architecture
        (_EQUALS, 0, refuse, architecture),
        (_LOAD, 0, 0, 0),  # the call's number
        (_AT_LEAST, len(calls) + 1, 0, _X32),
        *((_EQUALS, len(calls) - place, 0, call) for place, call in enumerate(calls)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def _prctl(*arguments: object) -> None:
    words = [*arguments, *[0] * (5 - len(arguments))]
    longs = [ctypes.c_ulong(word) if isinstance(word, int) else word for word in words]
    if ctypes.CDLL(None, use_errno=True).prctl(*longs):
        number = ctypes.get_errno()
        raise OSError(number, f"prctl{tuple(arguments)}: {os.strerror(number)}")
