"""The health checks of docker-compose.yml, on real programs: at work, and standing still."""

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from standalone.processes import ROOT, Program, programs, site_commands
from tests.functional.own_workers import own_database, worker
from tests.waiting import wait_until

pytestmark = pytest.mark.functional
LONG_AGO_S = 24 * 3600.0
SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def is_healthy(service: str, heartbeat: Path) -> bool:
    """Run the service's check, with the heartbeat file of this test."""
    kind, command = SERVICES[service]["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    here = command.replace("/tmp/heartbeat", str(heartbeat))  # noqa: S108  the container's own
    checked = subprocess.run(["sh", "-c", here], capture_output=True, check=False)
    return checked.returncode == 0


def stop(program: Program, heartbeat: Path) -> None:
    """Let the program stand still, and a day go by."""
    os.killpg(program.process.pid, signal.SIGSTOP)
    long_ago = time.time() - LONG_AGO_S
    os.utime(heartbeat, (long_ago, long_ago))


def test_who_works_is_healthy_and_who_stands_still_is_not(
    database_url: str, tmp_path: Path
) -> None:
    commands = {"worker": worker(), "beat": site_commands(0, with_beat=True)["beat"]}
    commands["beat"][-1] = str(tmp_path / "schedule")
    files = {service: tmp_path / service for service in commands}
    beating = {
        service: ["env", f"COVERLIFT_HEARTBEAT={files[service]}", *command]
        for service, command in commands.items()
    }

    def all_are_healthy() -> bool:
        return all(is_healthy(*each) for each in files.items())

    with own_database(database_url, "healthchecks", tmp_path) as environment:
        assert not any(is_healthy(*each) for each in files.items())
        with programs(beating, environment) as running:
            wait_until(all_are_healthy, "both work")
            for program in running:
                stop(program, files[program.name])
            assert not any(is_healthy(*each) for each in files.items())
            for program in running:
                os.killpg(program.process.pid, signal.SIGCONT)
            wait_until(all_are_healthy, "both work again")


def test_every_service_that_stays_has_a_health_check() -> None:
    staying = {name for name, each in SERVICES.items() if each.get("restart") != "no"}
    assert {name for name, each in SERVICES.items() if "healthcheck" in each} == staying
    for other in ("features", "features-gpu"):
        assert SERVICES[other]["healthcheck"] == SERVICES["worker"]["healthcheck"]
