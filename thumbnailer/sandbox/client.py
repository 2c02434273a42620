"""The worker's end: asks the warm server for a step, and names what went wrong with it."""

import atexit
import os
import signal
import subprocess
import sys
from dataclasses import astuple
from functools import cache
from typing import Any

from thumbnailer.errors import ChildLostError, CrashedError, TimeLimitError
from thumbnailer.recipe import DEFAULT_EXTRACTOR, ExtractorChoice
from thumbnailer.sandbox.limits import Limits
from thumbnailer.sandbox.messages import (
    Answer,
    Done,
    Ended,
    Failed,
    Task,
    comes_within,
    receive,
    send,
)

WARM_WITHIN_S = 600.0  # the first time on a machine the encoders are compiled
GRACE_S = 30.0  # beyond a child's own time, for the server to say so


class Sandbox:
    """One warm server process, started when first needed and again whenever it is gone."""

    def __init__(self, features: ExtractorChoice = DEFAULT_EXTRACTOR) -> None:
        """Prepare a server that will have this extractor at hand."""
        self._features = features
        self._server: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def run(self, function: str, *arguments: Any, limits: Limits) -> Any:
        """Return what the function returns, run in a child that may be lost.

        Args:
            function: as "module:function".
            arguments: what to call it with; the first is named in messages: the video's path.
            limits: what the child may use.

        Raises:
            CrashedError: the child was ended by a signal, as by a fault in a decoder.
            TimeLimitError: it took too long.
            MemoryLimitError: it took too much memory.
            ChildLostError: it was killed from outside, or its server was: it may be tried again.
            Exception: whatever the function raises.
        """
        server = self._running()
        answer = self._ask(server, Task(function, arguments, limits))
        match answer:
            case Done(value):
                return value
            case Failed(error):
                raise error
        raise _named(answer, function, arguments[0], limits)

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
            self._server = subprocess.Popen(
                [sys.executable, "-m", "thumbnailer.sandbox.server", *astuple(self._features)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            match self._receive(self._server, WARM_WITHIN_S):
                case Failed(error):
                    raise error
        return self._server

    def _ask(self, server: "subprocess.Popen[bytes]", task: Task) -> Answer:
        assert server.stdin is not None  # noqa: S101  a pipe
        try:
            send(server.stdin, task)
        except BrokenPipeError as error:
            raise self._lost("ended") from error
        return self._receive(server, task.limits.time_s + GRACE_S)

    def _receive(self, server: "subprocess.Popen[bytes]", within_s: float) -> Answer:
        assert server.stdout is not None  # noqa: S101  a pipe
        if not comes_within(server.stdout, within_s):
            raise self._lost(f"did not answer within {within_s:.0f} s")
        try:
            answer: Answer = receive(server.stdout)
        except EOFError as error:
            raise self._lost("ended") from error
        return answer

    def _lost(self, what: str) -> ChildLostError:
        self.close()
        return ChildLostError(f"the process that runs the steps {what}: it is started again")


def _named(answer: Ended, function: str, subject: object, limits: Limits) -> Exception:
    step = function.partition(":")[2]
    if answer.out_of_time:
        return TimeLimitError(
            f"{subject}: {step} took over {limits.time_s:.0f} s: cut or re-encode it, "
            "or raise COVERLIFT_STEP_TIME_S"
        )
    if answer.signal == signal.SIGKILL:
        return ChildLostError(f"{subject}: {step} was killed from outside, perhaps for its memory")
    how = signal.Signals(answer.signal).name if answer.signal else f"status {answer.status}"
    return CrashedError(
        f"{subject}: {step} crashed ({how}): the file harms its decoder; export it again"
    )


@cache
def sandbox(features: ExtractorChoice) -> Sandbox:
    """Return the process's own sandbox with this extractor, closed at the process's end."""
    made = Sandbox(features)
    atexit.register(made.close)
    return made
