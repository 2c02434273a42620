"""Messages between worker, server and child: pickles behind their length, through pipes."""

import pickle
import select
from dataclasses import dataclass
from functools import partial
from struct import Struct
from typing import IO, Any

from thumbnailer.sandbox.limits import Limits

LENGTH = Struct(">Q")


@dataclass(frozen=True, slots=True)
class Task:
    """A step with its arguments, and its limits.

    The first argument is named in messages: the video's path.
    """

    call: partial[Any]
    limits: Limits

    @property
    def step(self) -> str:
        """The step's name."""
        return self.call.func.__name__

    @property
    def subject(self) -> object:
        """What the step works on."""
        return self.call.args[0]


@dataclass(frozen=True, slots=True)
class Done:
    """The step returned this."""

    value: object


@dataclass(frozen=True, slots=True)
class Failed:
    """The step raised this."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Ended:
    """The child ended without an answer: by this signal, or else with this status."""

    signal: int
    status: int
    out_of_time: bool


Answer = Done | Failed | Ended


def send(pipe: IO[bytes], message: object) -> None:
    """Write one message."""
    content = pickle.dumps(message)
    pipe.write(LENGTH.pack(len(content)) + content)
    pipe.flush()


def receive(pipe: IO[bytes]) -> Any:
    """Read one message.

    Raises:
        EOFError: where the other end is gone.
    """
    content = _exactly(pipe, LENGTH.unpack(_exactly(pipe, LENGTH.size))[0])
    return pickle.loads(content)  # noqa: S301  from our own child, which runs as we do


def comes_within(pipe: IO[bytes], time_s: float) -> bool:
    """Tell whether something to read, or the end, comes in time."""
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    return bool(poll.poll(1000 * time_s))


def _exactly(pipe: IO[bytes], count: int) -> bytes:
    content = pipe.read(count)
    if len(content) < count:
        raise EOFError(f"{len(content)} of {count} bytes came: the other process has ended")
    return content
