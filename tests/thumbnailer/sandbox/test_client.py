"""A step may crash, hang or fill the memory: it ends with a name, and the next one runs."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.thumbnailer.clips import scenes, write_clip
from thumbnailer.errors import (
    ChildLostError,
    CrashedError,
    MemoryLimitError,
    ThumbnailerError,
    TimeLimitError,
    UnreadableVideoError,
)
from thumbnailer.recipe import DEFAULT_EXTRACTOR, Recipe
from thumbnailer.sandbox.client import Sandbox
from thumbnailer.sandbox.limits import Limits

HOSTILE = "tests.thumbnailer.sandbox.hostile:"
LIMITS = Limits(time_s=30, memory_mb=1024)
SHORT = Limits(time_s=1, memory_mb=1024)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


@pytest.mark.parametrize(
    ("step", "limits", "error", "words"),
    [
        ("read_from_nowhere", LIMITS, CrashedError, r"a\.mp4: read_from_nowhere crashed .SIGSEGV"),
        ("leave", LIMITS, CrashedError, r"a\.mp4: leave crashed .status 7"),
        ("sleep", SHORT, TimeLimitError, r"a\.mp4: sleep took over 1 s"),
        ("compute", SHORT, TimeLimitError, r"a\.mp4: compute took over 1 s"),
        ("fill_memory", LIMITS, MemoryLimitError, r"a\.mp4 took over 1024 MB of memory"),
        ("be_killed", LIMITS, ChildLostError, r"a\.mp4: be_killed was killed from outside"),
        ("refuse", LIMITS, UnreadableVideoError, r"a\.mp4 is a letter"),
    ],
)
def test_whatever_a_step_does_ends_in_a_name(
    sandbox: Sandbox, step: str, limits: Limits, error: type[ThumbnailerError], words: str
) -> None:
    _, server = sandbox.run(f"{HOSTILE}process_id", "a.mp4", limits=LIMITS)
    with pytest.raises(error, match=words) as caught:
        sandbox.run(f"{HOSTILE}{step}", "a.mp4", limits=limits)
    assert caught.value.may_pass == (error is ChildLostError)
    child, same_server = sandbox.run(f"{HOSTILE}process_id", "a.mp4", limits=LIMITS)
    assert same_server == server != child


def test_a_child_leaves_nothing_running(sandbox: Sandbox) -> None:
    _, server = sandbox.run(f"{HOSTILE}process_id", "a.mp4", limits=LIMITS)
    with pytest.raises(TimeLimitError):
        sandbox.run(f"{HOSTILE}sleep", "a.mp4", limits=SHORT)
    assert Path(f"/proc/{server}/task/{server}/children").read_text() == ""


def test_what_a_step_prints_is_no_answer_and_an_answer_may_be_long(sandbox: Sandbox) -> None:
    assert sandbox.run(f"{HOSTILE}print_much", "a.mp4", limits=LIMITS) == "answer"
    assert len(sandbox.run(f"{HOSTILE}answer_much", "a.mp4", limits=LIMITS)) == 5_000_000


def test_real_steps_run_under_the_limits(sandbox: Sandbox, tmp_path: Path) -> None:
    clip = str(write_clip(tmp_path / "a.mp4", scenes([3, 3])))
    assert sandbox.run("thumbnailer.steps:probe", clip, limits=LIMITS) == pytest.approx(6)
    folder, sha = str(tmp_path / "features"), "0" * 64
    sandbox.run("thumbnailer.steps:features", clip, folder, sha, DEFAULT_EXTRACTOR, limits=LIMITS)
    names = ("raw", "gevaden")
    chosen = sandbox.run(
        "thumbnailer.steps:select", clip, folder, sha, names, Recipe(), limits=LIMITS
    )
    assert [each.selector for each in chosen] == list(names)
    shots, length_s = chosen[1].shots, chosen[1].shot_length_s
    made = sandbox.run("thumbnailer.steps:encode", clip, shots, length_s, limits=LIMITS)
    assert [each.name for each in made] == ["gif", "webp", "avif", "mp4", "still"]


def test_a_server_that_is_lost_is_started_again() -> None:
    sandbox = Sandbox()
    try:
        with pytest.raises(ChildLostError, match="started again"):
            sandbox.run(f"{HOSTILE}kill_the_server", "a.mp4", limits=LIMITS)
        _, server = sandbox.run(f"{HOSTILE}process_id", "a.mp4", limits=LIMITS)
        os.kill(server, signal.SIGKILL)
        assert sandbox._server is not None
        sandbox._server.wait()
        assert sandbox.run(f"{HOSTILE}print_much", "a.mp4", limits=LIMITS) == "answer"
    finally:
        sandbox.close()


def test_a_decoder_without_memory_is_not_taken_for_a_damaged_file(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """FFmpeg's H.264 decoder reports invalid data, whichever picture it finds no room for."""
    clip = write_clip(tmp_path / "8k.mp4", [np.full((4320, 7680, 3), 90, np.uint8)] * 6)
    wanted = str(clip), str(tmp_path / "spool"), "0" * 64, DEFAULT_EXTRACTOR
    with pytest.raises(MemoryLimitError, match=r"8k\.mp4 took over 60 MB of memory"):
        sandbox.run("thumbnailer.steps:decode", *wanted, limits=Limits(time_s=30, memory_mb=60))
    sandbox.run("thumbnailer.steps:decode", *wanted, limits=LIMITS)
