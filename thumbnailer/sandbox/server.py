"""A warm process that runs each step in a fork of itself.

It is started as `python -m thumbnailer.sandbox.server EXTRACTOR WEIGHTS`.

Importing torch and loading the models takes seconds; a fork has them at once. The server itself
never touches a video, so nothing that a file does to a child reaches it.
"""

import gc
import os
import signal
import sys
from io import BytesIO
from typing import IO, NoReturn

from thumbnailer.errors import MemoryLimitError
from thumbnailer.sandbox.limits import end_with_parent, give_back_freed_memory, hold_to
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
from thumbnailer.settings import ExtractorSettings
from thumbnailer.steps import warm

# As torch says it, and oneDNN, of code that it has no room for.
NO_MEMORY = ("can't allocate memory", "std::bad_alloc", "could not create a primitive")


def main() -> None:
    """Warm up, say so, and run task after task until the worker is gone."""
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the worker's to handle
    tasks, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    serve(tasks, answers, ExtractorSettings(*sys.argv[1:]))


def serve(tasks: IO[bytes], answers: IO[bytes], extractor: ExtractorSettings) -> None:
    """Answer every task that comes, one at a time; the first message says that it is ready."""
    try:
        warm(extractor)
    except Exception as error:  # noqa: BLE001  told to the worker
        send(answers, Failed(error))
        return
    gc.collect()
    give_back_freed_memory()
    gc.freeze()  # or collecting would copy every page that the children share
    send(answers, Done(value=None))
    while True:
        try:
            task: Task = receive(tasks)
        except EOFError:
            return
        send(answers, run_in_child(task))


def run_in_child(task: Task) -> Answer:
    """Run the task in a fork of this process and return how it went."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _run_and_exit(task, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        out_of_time = not comes_within(pipe, task.limits.time_s)
        if out_of_time:
            os.kill(child, signal.SIGKILL)
        content = b"" if out_of_time else pipe.read()
    _, status = os.waitpid(child, 0)
    return _answer(content, status, out_of_time=out_of_time)


def _run_and_exit(task: Task, writer: int) -> NoReturn:
    end_with_parent()
    try:
        hold_to(task.limits)
        answer = _call(task)
        with os.fdopen(writer, "wb") as pipe:
            send(pipe, answer)
    except BaseException:  # noqa: BLE001  a fork must not run on as a second server
        os._exit(1)
    os._exit(0)


def _call(task: Task) -> Answer:
    try:
        return Done(task.call())
    except Exception as error:  # noqa: BLE001  told to the worker
        return Failed(_out_of_memory(task) if _is_no_memory(error) else error)


def _is_no_memory(error: Exception) -> bool:
    return isinstance(error, MemoryError) or any(words in str(error) for words in NO_MEMORY)


def _out_of_memory(task: Task) -> MemoryLimitError:
    return MemoryLimitError(
        f"{task.subject} took over {task.limits.memory_mb} MB of memory: make a smaller copy, "
        "or raise COVERLIFT_STEP_MEMORY_MB"
    )


def _answer(content: bytes, status: int, *, out_of_time: bool) -> Answer:
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0:
        answer: Answer = receive(BytesIO(content))
        return answer
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    exit_status = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0
    return Ended(number, exit_status, out_of_time or number == signal.SIGXCPU)


if __name__ == "__main__":
    main()
