"""A warm process that runs each step in a fork of itself.

It is started as `python -m thumbnailer.sandbox.server EXTRACTOR WEIGHTS SHAPE SELECTOR ...`.

Importing torch and loading the models takes seconds; a fork has them at once. The server itself
never touches a video, and passes a child's answer on unread, so nothing that a file does to a child
reaches it.
"""

import gc
import os
import signal
import sys
import traceback
from typing import IO, NoReturn

from thumbnailer.errors import MemoryLimitError, ThumbnailerError
from thumbnailer.memory import give_back_freed_memory
from thumbnailer.sandbox.confinement import close_files_but, refuse_calls
from thumbnailer.sandbox.limits import end_with_parent, hold_to
from thumbnailer.sandbox.messages import (
    MAX_ANSWER_BYTES,
    Answer,
    Ended,
    Task,
    comes_within,
    done,
    failed,
    pack,
    receive_task,
    send,
)
from thumbnailer.settings import AtHand, ExtractorSettings
from thumbnailer.steps import warm

# As torch says it, and oneDNN, of code that it has no room for.
NO_MEMORY = ("can't allocate memory", "std::bad_alloc", "could not create a primitive")


def main() -> None:
    """Warm up, say so, and run task after task until the worker is gone."""
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the worker's to handle
    tasks, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    extractor, weights, shape, *selectors = sys.argv[1:]
    at_hand = AtHand(ExtractorSettings(extractor, weights), tuple(selectors), shape)
    serve(tasks, answers, at_hand)


def serve(tasks: IO[bytes], answers: IO[bytes], at_hand: AtHand) -> None:
    """Answer every task that comes, one at a time; the first message says that it is ready."""
    try:
        warm(at_hand)
    except Exception as error:  # noqa: BLE001  told to the worker
        send(answers, pack(failed(error)))
        return
    gc.collect()
    give_back_freed_memory()
    gc.freeze()  # or collecting would copy every page that the children share
    send(answers, pack(done(None)))
    while True:
        try:
            task = receive_task(tasks)
        except EOFError:
            return
        send(answers, run_in_child(task))


def run_in_child(task: Task) -> bytes:
    """Run the task in a fork of this process and return its answer, or else how it ended."""
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
        content = b"" if out_of_time else pipe.read(MAX_ANSWER_BYTES)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0:
        return content
    return pack(_ended(status, out_of_time=out_of_time))


def _run_and_exit(task: Task, writer: int) -> NoReturn:
    end_with_parent()
    try:
        close_files_but(writer)
        hold_to(task.limits)
        refuse_calls()
        answer = pack(_call(task))
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(answer)
    except BaseException:  # noqa: BLE001  a fork must not run on as a second server
        os._exit(1)
    os._exit(0)


def _call(task: Task) -> Answer:
    try:
        return done(task.call())
    except Exception as error:  # noqa: BLE001  told to the worker
        if _is_no_memory(error):
            return failed(_out_of_memory(task))
        if not isinstance(error, ThumbnailerError):
            traceback.print_exc()  # the worker is told no more than its name and text
        return failed(error)


def _is_no_memory(error: Exception) -> bool:
    return isinstance(error, MemoryError) or any(words in str(error) for words in NO_MEMORY)


def _out_of_memory(task: Task) -> MemoryLimitError:
    return MemoryLimitError(
        f"{task.subject} took over {task.limits.memory_mb} MB of memory: make a smaller copy, "
        "or raise COVERLIFT_STEP_MEMORY_MB"
    )


def _ended(status: int, *, out_of_time: bool) -> Ended:
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    exit_status = os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0
    return Ended(number, exit_status, out_of_time or number == signal.SIGXCPU)


if __name__ == "__main__":
    main()
