"""The worker's end: a step is asked of the warm server, and what went wrong with it is named."""

import atexit
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar, cast

from thumbnailer.errors import ChildLostError, CrashedError, TimeLimitError
from thumbnailer.sandbox.confinement import hide_memory, without_secrets
from thumbnailer.sandbox.limits import Limits
from thumbnailer.sandbox.messages import (
    Done,
    Ended,
    Failed,
    Task,
    comes_within,
    error_of,
    read_answer,
    receive,
    send_task,
    value_of,
)
from thumbnailer.settings import AtHand, ExtractorSettings

WARM_WITHIN_S = 600.0  # the first time on a machine the encoders are compiled
GRACE_S = 30.0  # beyond a child's own time, for the server to say so

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class Sandbox:
    """One warm server process, started when first needed and again whenever it is gone."""

    def __init__(self, at_hand: AtHand = AtHand()) -> None:  # noqa: B008  frozen
        """Prepare a server that will have at hand what these settings ask for."""
        self._at_hand = at_hand
        self._server: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def run(
        self,
        limits: Limits,
        step: Callable[Arguments, Result],
        /,
        *arguments: Arguments.args,
        **named: Arguments.kwargs,
    ) -> Result:
        """Return what the step returns, run in a child that may be lost.

        Args:
            limits: what the child may use.
            step: a function of a module, which a pickle names, annotated with the type that it
                returns; what it needs is best imported within it, so that this process does
                without.
            arguments: what to call it with; the first is named in messages: the video's path.
            named: as well.

        Raises:
            CrashedError: the child was ended by a signal, as by a fault in a decoder.
            TimeLimitError: it took too long.
            MemoryLimitError: it took too much memory.
            ChildLostError: it was killed from outside, or its server was: it may be tried again.
            ThumbnailerError, OSError: whatever the step raises of these.
            RuntimeError: it raised something else; its name is told.
        """
        server = self._running()
        task = Task(partial(step, *arguments, **named), limits)
        match read_answer(self._ask(server, task), task.subject):
            case Done() as returned:
                return cast("Result", value_of(returned, step, task.subject))
            case Failed() as raised:
                raise error_of(raised)
            case Ended() as ended:
                raise _named(ended, task)

    def close(self) -> None:
        """End the server, if it is this process's own."""
        server, self._server = self._server, None
        if server is not None and self._owner == os.getpid():
            with server:  # closes the pipes, which is its sign to end
                server.kill()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._server is None or self._owner != os.getpid() or self._server.poll() is not None:
            self.close()
            self._owner = os.getpid()
            hide_memory()
            extractor, selectors = self._at_hand.extractor, self._at_hand.selectors
            words = [extractor.name, extractor.weights, self._at_hand.shape, *selectors]
            self._server = subprocess.Popen(
                [sys.executable, "-m", "thumbnailer.sandbox.server", *words],
                env=without_secrets(os.environ),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            match read_answer(self._receive(self._server, WARM_WITHIN_S), "the server"):
                case Failed() as raised:
                    raise error_of(raised)
        return self._server

    def _ask(self, server: "subprocess.Popen[bytes]", task: Task) -> bytes:
        assert server.stdin is not None  # noqa: S101  a pipe
        try:
            send_task(server.stdin, task)
        except BrokenPipeError as error:
            raise self._lost("ended") from error
        return self._receive(server, task.limits.time_s + GRACE_S)

    def _receive(self, server: "subprocess.Popen[bytes]", within_s: float) -> bytes:
        assert server.stdout is not None  # noqa: S101  a pipe
        if not comes_within(server.stdout, within_s):
            raise self._lost(f"did not answer within {within_s:.0f} s")
        try:
            return receive(server.stdout)
        except EOFError as error:
            raise self._lost("ended") from error

    def _lost(self, what: str) -> ChildLostError:
        self.close()
        return ChildLostError(f"the process that runs the steps {what}: it is started again")


def _named(ended: Ended, task: Task) -> Exception:
    what = f"{task.subject}: {task.step}"
    if ended.out_of_time:
        return TimeLimitError(
            f"{what} took over {task.limits.time_s:.0f} s: cut or re-encode it, "
            "or raise COVERLIFT_STEP_TIME_S"
        )
    if ended.signal == signal.SIGKILL:
        return ChildLostError(f"{what} was killed from outside, perhaps for its memory")
    how = signal.Signals(ended.signal).name if ended.signal else f"status {ended.status}"
    return CrashedError(f"{what} crashed ({how}): the file harms its decoder; export it again")


_own: dict[ExtractorSettings, Sandbox] = {}


def sandbox(at_hand: AtHand) -> Sandbox:
    """Return the process's own sandbox with this extractor, closed at the process's end.

    What else it has at hand the first call says; where another asks for more, its steps load that.
    """
    if at_hand.extractor not in _own:
        _own[at_hand.extractor] = made = Sandbox(at_hand)
        atexit.register(made.close)
    return _own[at_hand.extractor]
