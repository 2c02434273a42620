"""Programs start, are watched, and all of them stop, whatever happens."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from standalone import processes
from standalone.processes import (
    ProcessError,
    Program,
    free_port,
    only_one,
    port_is_free,
    programs,
    wait_until_ready,
)
from tests.waiting import is_alive, wait_until

PLATFORM = Path(processes.__file__).parents[1]
SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, 1); print('deaf', flush=True); time.sleep(60)",
]


@pytest.fixture(autouse=True)
def own_var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(processes, "VAR", tmp_path)
    return tmp_path


def test_programs_run_inside_the_block_and_stop_after_it() -> None:
    with programs({"a": SLEEPER, "b": SLEEPER}, os.environ) as running:
        for program in running:
            program.check()
        ids = [program.process.pid for program in running]
        assert all(is_alive(process_id) for process_id in ids)
    assert not any(is_alive(process_id) for process_id in ids)


def test_programs_stop_when_the_block_fails() -> None:
    ids = []

    def fail() -> None:
        with programs({"a": SLEEPER}, os.environ) as running:
            ids.append(running[0].process.pid)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert not is_alive(ids[0])


def test_a_program_deaf_to_the_signal_is_killed(
    own_var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "STOP_WITHIN_S", 0.3)
    with programs({"deaf": STUBBORN}, os.environ) as running:
        log = own_var / "log" / "deaf.log"
        wait_until(lambda: "deaf" in log.read_text(), "the program is deaf")
        process_id = running[0].process.pid
    assert not is_alive(process_id)


def test_a_program_that_ends_is_named_with_its_last_words() -> None:
    words = [sys.executable, "-c", "import sys; sys.exit('no such thing')"]
    with programs({"web": words}, os.environ) as running:
        wait_until(lambda: running[0].process.poll() is not None, "the program has ended")
        with pytest.raises(
            ProcessError, match=r"web ended with status 1; .*\n(.*\n)*no such thing"
        ):
            running[0].check()


def ended(program: Program) -> bool:
    return program.process.poll() is not None


def test_a_program_that_ends_is_started_again_without_what_it_left_behind(own_var: Path) -> None:
    words = [sys.executable, "-c", f"import subprocess; print(subprocess.Popen({SLEEPER!r}).pid)"]
    with programs({"web": words}, os.environ) as (program,):
        wait_until(lambda: ended(program), "the program has ended")
        child = int((own_var / "log" / "web.log").read_text())
        first = program.process.pid
        assert program.revive()
        assert program.process.pid != first
        wait_until(lambda: not is_alive(child), "the first one's child has ended")


def test_a_program_that_runs_is_left_alone() -> None:
    with programs({"web": SLEEPER}, os.environ) as (program,):
        first = program.process.pid
        assert not program.revive()
        assert program.process.pid == first


def test_a_program_that_cannot_run_is_named_after_a_few_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(processes, "QUICK_END_S", float("inf"))
    words = [sys.executable, "-c", "import sys; sys.exit('no such thing')"]
    with programs({"web": words}, os.environ) as (program,):
        for _ in range(processes.QUICK_ENDS - 1):
            wait_until(lambda: ended(program), "the program has ended")
            assert program.revive()
        wait_until(lambda: ended(program), "the program has ended")
        with pytest.raises(ProcessError, match="no such thing"):
            program.revive()


def test_children_end_with_a_parent_killed_with_9() -> None:
    program = (
        "import os, sys, time\n"
        "from standalone.processes import programs\n"
        f"with programs({{'a': {SLEEPER!r}}}, os.environ) as running:\n"
        "    print(running[0].process.pid, flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(PLATFORM)},
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    wait_until(lambda: not is_alive(child), "the child has ended")


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  overridden
        pass


@pytest.fixture
def answering_url() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_waits_until_the_address_answers(answering_url: str) -> None:
    wait_until_ready(answering_url, [])


def test_gives_up_on_an_address_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "READY_WITHIN_S", 0.3)
    with pytest.raises(ProcessError, match="did not answer within"):
        wait_until_ready(f"http://127.0.0.1:{free_port()}/", [])


def test_a_port_in_use_is_seen(answering_url: str) -> None:
    port = int(answering_url.rsplit(":", 1)[1].strip("/"))
    assert not port_is_free(port)
    assert port_is_free(free_port())


def test_only_one_process_at_a_time() -> None:
    with only_one("serve"):
        with (
            pytest.raises(ProcessError, match=f"already runs here .process {os.getpid()}."),
            only_one("serve"),
        ):
            pass
        with only_one("pilot"):
            pass
    with only_one("serve"):
        pass
