"""A step may crash, hang or fill the memory: it ends with a name, and the next one runs."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.thumbnailer.clips import scenes, write_clip
from tests.thumbnailer.sandbox import hostile
from tests.waiting import PATIENCE_S
from thumbnailer import steps
from thumbnailer.encode.formats import FORMATS
from thumbnailer.errors import (
    ChildLostError,
    CrashedError,
    MemoryLimitError,
    ThumbnailerError,
    TimeLimitError,
    UnknownSelectorError,
    UnreadableVideoError,
)
from thumbnailer.results import STILL, Wanted
from thumbnailer.sandbox.client import Sandbox
from thumbnailer.sandbox.limits import Limits
from thumbnailer.settings import DEFAULT_EXTRACTOR, AtHand, SelectionSettings

LIMITS = Limits(time_s=PATIENCE_S, memory_mb=1024)
SHORT = Limits(time_s=1, memory_mb=1024)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


@pytest.mark.parametrize(
    ("step", "limits", "error", "words"),
    [
        (
            hostile.read_from_nowhere,
            LIMITS,
            CrashedError,
            r"read_from_nowhere crashed .SIGSEGV",
        ),
        (hostile.leave, LIMITS, CrashedError, r"a\.mp4: leave crashed .status 7"),
        (hostile.sleep, SHORT, TimeLimitError, r"a\.mp4: sleep took over 1 s"),
        (hostile.compute, SHORT, TimeLimitError, r"a\.mp4: compute took over 1 s"),
        (hostile.fill_memory, LIMITS, MemoryLimitError, r"a\.mp4 took over 1024 MB of memory"),
        (hostile.be_killed, LIMITS, ChildLostError, r"a\.mp4: be_killed was killed from outside"),
        (hostile.refuse, LIMITS, UnreadableVideoError, r"a\.mp4 is a letter"),
    ],
)
def test_whatever_a_step_does_ends_in_a_name(
    sandbox: Sandbox,
    step: Callable[[str], object],
    limits: Limits,
    error: type[ThumbnailerError],
    words: str,
) -> None:
    _, server = sandbox.run(LIMITS, hostile.process_id, "a.mp4")
    with pytest.raises(error, match=words) as caught:
        sandbox.run(limits, step, "a.mp4")
    assert caught.value.may_pass == (error is ChildLostError)
    child, same_server = sandbox.run(LIMITS, hostile.process_id, "a.mp4")
    assert same_server == server != child


def test_a_child_leaves_nothing_running(sandbox: Sandbox) -> None:
    _, server = sandbox.run(LIMITS, hostile.process_id, "a.mp4")
    with pytest.raises(TimeLimitError):
        sandbox.run(SHORT, hostile.sleep, "a.mp4")
    assert Path(f"/proc/{server}/task/{server}/children").read_text() == ""


def test_a_child_has_no_secret_no_network_and_no_file_of_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COVERLIFT_SECRET_KEY", "secret")
    monkeypatch.setenv("DATABASE_URL", "postgres://user:secret@host/name")
    sandbox = Sandbox()
    try:
        assert "secret" not in str(sandbox.run(LIMITS, hostile.variables, "a.mp4"))
        with pytest.raises(PermissionError):
            sandbox.run(LIMITS, hostile.open_a_socket, "a.mp4")
        # Three standard ones, the pipe of its answer, and the folder that it looks into.
        assert sandbox.run(LIMITS, hostile.open_files, "a.mp4") == 5
    finally:
        sandbox.close()


@pytest.mark.parametrize("step", [hostile.answer_with_a_pickle, hostile.answer_with_another_type])
def test_an_answer_runs_nothing_and_is_what_the_step_declares(
    sandbox: Sandbox, step: Callable[[str], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CrashedError, match=r"a\.mp4: a step gave no answer that can be read"):
        sandbox.run(LIMITS, step, "a.mp4")
    assert not (tmp_path / "harmed").exists()


def test_errors_of_the_system_keep_their_number_and_a_strangers_its_name(sandbox: Sandbox) -> None:
    with pytest.raises(OSError, match=r"no room for a\.mp4") as full:
        sandbox.run(LIMITS, hostile.find_no_room, "a.mp4")
    assert full.value.errno == errno.ENOSPC
    with pytest.raises(RuntimeError, match=r"ZeroDivisionError: a\.mp4 has no frames"):
        sandbox.run(LIMITS, hostile.raise_a_strangers_error, "a.mp4")


def test_what_a_step_prints_is_no_answer_and_an_answer_may_be_long(sandbox: Sandbox) -> None:
    assert sandbox.run(LIMITS, hostile.print_much, "a.mp4") == "answer"
    assert len(sandbox.run(LIMITS, hostile.answer_much, "a.mp4")) == 5_000_000


def test_real_steps_run_under_the_limits(sandbox: Sandbox, tmp_path: Path) -> None:
    clip = str(write_clip(tmp_path / "a.mp4", scenes([3, 3])))
    assert sandbox.run(LIMITS, steps.probe, clip) == pytest.approx(6)
    kept = str(tmp_path / "features"), "0" * 64
    selectors = ["raw", "gevaden"]
    sandbox.run(LIMITS, steps.features, clip, *kept, DEFAULT_EXTRACTOR, selectors=selectors)
    chosen = sandbox.run(LIMITS, steps.select, clip, *kept, selectors, SelectionSettings())
    assert [each.selector for each in chosen] == selectors
    names = tuple(sandbox.run(LIMITS, steps.versions, [], SelectionSettings()).encoders)
    assert {"gif", "still"} < set(names)
    wanted = Wanted(chosen[1].starts_s, chosen[1].shot_length_s, names)
    [made] = sandbox.run(LIMITS, steps.encode, clip, [wanted])
    assert tuple(each.name for each in made) == names


def test_a_child_has_all_that_a_step_imports(sandbox: Sandbox, tmp_path: Path) -> None:
    """Or each child would import it anew: of torch alone that is seconds."""
    clip = str(write_clip(tmp_path / "a.mp4", scenes([3, 3])))
    kept, spools = (str(tmp_path / "features"), "0" * 64), str(tmp_path / "spools")
    asked: list[partial[Any]] = [
        partial(steps.probe, clip),
        partial(steps.decode, clip, spools, "0" * 64, DEFAULT_EXTRACTOR),
        partial(steps.features, clip, *kept, DEFAULT_EXTRACTOR, selectors=["appeal"]),
        partial(steps.kept_as, "0" * 64, DEFAULT_EXTRACTOR),
        partial(steps.select, clip, *kept, ("raw", "gevaden"), SelectionSettings()),
        partial(steps.versions, ("raw", "gevaden"), SelectionSettings()),
        partial(steps.encode, clip, [Wanted((0.0, 2.0, 4.0), 1.0, (*FORMATS, STILL))]),
        partial(steps.storyboard, clip, (0.0, 2.0)),
    ]
    for step in asked:
        assert sandbox.run(LIMITS, hostile.imported_by, clip, step) == set(), step.func


@pytest.mark.parametrize(
    ("at_hand", "loads"),
    [
        (AtHand(selectors=("raw", "gevaden")), False),
        (AtHand(selectors=("raw", "appeal")), True),
        (AtHand(shape="1:1"), True),
    ],
)
def test_networks_of_faces_and_text_are_loaded_where_something_reads_them(
    at_hand: AtHand, *, loads: bool
) -> None:
    sandbox = Sandbox(at_hand)
    try:
        assert sandbox.run(LIMITS, hostile.looks_for_faces_and_text, "a.mp4") is loads
    finally:
        sandbox.close()


def test_a_selector_that_is_not_there_is_named_as_the_server_starts() -> None:
    sandbox = Sandbox(AtHand(selectors=("raw", "gevadn")))
    with pytest.raises(UnknownSelectorError, match="'gevadn', must be one of appeal, "):
        sandbox.run(LIMITS, hostile.print_much, "a.mp4")
    sandbox.close()


def test_a_worker_that_asks_for_steps_imports_nothing_heavy() -> None:
    program = (
        "import sys, thumbnailer.steps, thumbnailer.settings, thumbnailer.sandbox.client; "
        "print(*sys.modules.keys() & {'torch', 'numpy', 'av', 'PIL', 'numba', 'scipy'})"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert (answer.returncode, answer.stdout.strip()) == (0, "")


def test_a_server_that_is_lost_is_started_again(sandbox: Sandbox) -> None:
    with pytest.raises(ChildLostError, match="started again"):
        sandbox.run(LIMITS, hostile.kill_the_server, "a.mp4")
    _, server = sandbox.run(LIMITS, hostile.process_id, "a.mp4")
    os.kill(server, signal.SIGKILL)
    assert sandbox._server is not None
    sandbox._server.wait()
    assert sandbox.run(LIMITS, hostile.print_much, "a.mp4") == "answer"


def test_a_decoder_without_memory_is_not_taken_for_a_damaged_file(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """FFmpeg's H.264 decoder reports invalid data, whichever picture it finds no room for."""
    clip = write_clip(tmp_path / "8k.mp4", [np.full((4320, 7680, 3), 90, np.uint8)] * 3)
    wanted = str(clip), str(tmp_path / "spool"), "0" * 64, DEFAULT_EXTRACTOR
    with pytest.raises(MemoryLimitError, match=r"8k\.mp4 took over 60 MB of memory"):
        sandbox.run(Limits(time_s=PATIENCE_S, memory_mb=60), steps.decode, *wanted)
    sandbox.run(LIMITS, steps.decode, *wanted)
