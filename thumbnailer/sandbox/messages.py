"""Messages between worker, server and child, behind their length, through pipes.

What a worker asks is a pickle: it may name any function, and comes from the worker alone. What is
answered may come from a child that a hostile file has taken over: it is MessagePack, checked
against the type that the step declares, so that reading it runs nothing.
"""

import errno
import pickle
import select
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from struct import Struct
from typing import IO, Any

import msgspec

from thumbnailer import errors
from thumbnailer.errors import CrashedError, ThumbnailerError
from thumbnailer.sandbox.limits import Limits

LENGTH = Struct(">Q")
MAX_ANSWER_BYTES = 256 * 1024 * 1024  # of a long film in every format: 30 MB


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


class Done(msgspec.Struct, frozen=True, tag=True):
    """The step returned this, packed."""

    value: msgspec.Raw


class Failed(msgspec.Struct, frozen=True, tag=True):
    """The step raised an error of this class, with this text, and number if the system's."""

    error: str
    text: str
    number: int | None = None


class Ended(msgspec.Struct, frozen=True, tag=True):
    """The child ended without an answer: by this signal, or else with this status."""

    signal: int
    status: int
    out_of_time: bool


Answer = Done | Failed | Ended
pack = msgspec.msgpack.Encoder(enc_hook=lambda number: number.item()).encode  # NumPy's numbers
_unpack = msgspec.msgpack.Decoder(Answer).decode


def done(value: object) -> Done:
    """Return the answer of a step that returned a value."""
    return Done(msgspec.Raw(pack(value)))


def failed(error: Exception) -> Failed:
    """Return the answer of a step that raised an error."""
    if isinstance(error, OSError) and error.strerror:
        where = f": {error.filename}" if error.filename else ""
        return Failed(type(error).__name__, error.strerror + where, error.errno)
    return Failed(type(error).__name__, str(error))


def read_answer(content: bytes, subject: object) -> Answer:
    """Return the answer that the bytes hold.

    Raises:
        CrashedError: where they hold none.
    """
    try:
        answer: Answer = _unpack(content)
    except msgspec.DecodeError as error:
        raise _unreadable(subject) from error
    return answer


def value_of(answer: Done, step: Callable[..., object], subject: object) -> Any:
    """Return what a step returned, of the type that it declares.

    Raises:
        CrashedError: where it is something else.
    """
    try:
        return msgspec.msgpack.decode(answer.value, type=step.__annotations__["return"])
    except msgspec.DecodeError as error:
        raise _unreadable(subject) from error


def error_of(answer: Failed) -> Exception:
    """Return the error that a step raised: one of ours, of the system, or by its name alone."""
    kind = getattr(errors, answer.error, None)
    if isinstance(kind, type) and issubclass(kind, ThumbnailerError):
        return kind(answer.text)
    if answer.number in errno.errorcode:
        return OSError(answer.number, answer.text)
    return RuntimeError(f"{answer.error}: {answer.text}")


def _unreadable(subject: object) -> CrashedError:
    return CrashedError(f"{subject}: a step gave no answer that can be read; export the file again")


def send_task(pipe: IO[bytes], task: Task) -> None:
    """Write a task."""
    send(pipe, pickle.dumps(task))


def receive_task(pipe: IO[bytes]) -> Task:
    """Read a task.

    Raises:
        EOFError: where the worker is gone.
    """
    task: Task = pickle.loads(receive(pipe))  # noqa: S301  from the worker, which starts this process
    return task


def send(pipe: IO[bytes], content: bytes) -> None:
    """Write one message."""
    pipe.write(LENGTH.pack(len(content)) + content)
    pipe.flush()


def receive(pipe: IO[bytes]) -> bytes:
    """Read one message.

    Raises:
        EOFError: where the other end is gone.
    """
    return _exactly(pipe, LENGTH.unpack(_exactly(pipe, LENGTH.size))[0])


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
