"""What is deployed by file is what the tools of its kind take, and what this machine runs."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from standalone.processes import ROOT, site_commands

COMPOSE = ROOT / "docker-compose.yml"
SERVICES: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
DOCKERFILE = ROOT / "Dockerfile"
DASHBOARD = ROOT / "deployment" / "dashboard.json"
TOOLS = Path(sys.executable).parent
CLIENT = shutil.which("docker-compose")
PROMTOOL = shutil.which("promtool")
# A container is reached from outside of it, and one of them has both web servers.
OF_THE_CONTAINER = {"--host": "0.0.0.0", "--port": "8000", "--workers": "2"}  # noqa: S104
OF_THIS_MACHINE = {"--host": "127.0.0.1", "--port": "1", "--workers": "1"}
FIRST_WORKER = {"--hostname": "worker-1@%h"}


def run(*words: str | Path) -> None:
    """Run a tool, which finds nothing amiss."""
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_compose_is_of_the_compose_specification() -> None:
    run(TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)


@pytest.mark.skipif(CLIENT is None, reason="no client of Docker's: the program docker-compose")
def test_a_client_of_dockers_takes_compose(tmp_path: Path) -> None:
    shutil.copy(COMPOSE, tmp_path)
    every = ["--profile", "features", "--profile", "gpu", "--profile", "scale"]
    run(str(CLIENT), "--project-directory", tmp_path, *every, "config", "--quiet")


def test_the_event_logs_server_takes_its_file() -> None:
    run(TOOLS / "nats-server", "--config", ROOT / "deployment" / "nats.conf", "-t")


def test_the_dockerfile_is_as_hadolint_has_it() -> None:
    run(TOOLS / "hadolint", DOCKERFILE)


def test_every_image_is_a_stage_and_every_copied_file_is_there() -> None:
    text = DOCKERFILE.read_text()
    stages = set(re.findall(r"^FROM \S+ AS (\S+)$", text, re.MULTILINE))
    used = set(re.findall(r"--from=(\S+)", text))
    targets = {each["build"]["target"] for each in SERVICES.values() if "build" in each}
    assert used | targets <= stages
    assert targets == {"web", "making"}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE)
    sources = [source for line in copied for source in line.split()]
    assert [source for source in sources if not list(ROOT.glob(source))] == []


def options(words: list[str]) -> tuple[list[str], dict[str, str]]:
    """Return a command's words, and the values of its options; flags are words."""
    pairs = list(zip(words, [*words[1:], ""], strict=True))
    valued = {
        word: value for word, value in pairs if word[:1] == "-" and value and value[:1] != "-"
    }
    return [word for word in words if word not in {*valued, *valued.values()}], valued


def of_container(service: str) -> tuple[list[str], dict[str, str]]:
    """Return the command of a service: its own, or that of its image."""
    if "command" in SERVICES[service]:
        return options(SERVICES[service]["command"].split())
    stage = SERVICES[service]["build"]["target"]
    text = DOCKERFILE.read_text().partition(f" AS {stage}\n")[2]
    (command,) = re.findall(
        r"^CMD (\[.*?\])$", text.partition("\nFROM ")[0], re.MULTILINE | re.DOTALL
    )
    return options(json.loads(command.replace("\\\n", "")))


def of_machine(program: str) -> tuple[list[str], dict[str, str]]:
    """Return the command of a program of `make production`, without Python's own words."""
    return options(site_commands(1, with_beat=True)[program][2:])


def test_containers_run_what_make_production_runs() -> None:
    words, valued = of_container("web")
    assert (words, valued | OF_THIS_MACHINE) == of_machine("web-1")
    assert OF_THE_CONTAINER.items() <= valued.items()
    words, valued = of_container("worker")
    assert (words, valued | FIRST_WORKER) == of_machine("worker-1")
    for features in ("features", "features-gpu"):
        assert of_container(features) == (words, valued | {"-Q": "features"})
    words, valued = of_container("beat")
    on_machine = of_machine("beat")
    assert (words, set(valued)) == (on_machine[0], set(on_machine[1]))


def test_grafana_knows_all_that_the_dashboard_says() -> None:
    """What its model has no place for would be lost on the way through it."""
    written = json.loads(DASHBOARD.read_text())
    read = json.loads(json.dumps(Dashboard.from_json(written), cls=JSONEncoder))
    assert written == common(written, read)


def common(written: Any, read: Any) -> Any:
    """Return what is read, without what the model adds by itself."""
    if isinstance(written, dict) and isinstance(read, dict):
        return {name: common(written[name], read[name]) for name in written if name in read}
    if isinstance(written, list) and isinstance(read, list):
        return [common(*pair) for pair in zip(written, read, strict=False)]
    return read


@pytest.mark.skipif(PROMTOOL is None, reason="no promtool: Debian's package prometheus has it")
def test_prometheus_understands_what_the_dashboard_asks(tmp_path: Path) -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    asked = [target["expr"] for panel in panels for target in panel["targets"]]
    rules = [{"record": f"asked_{number}", "expr": expr} for number, expr in enumerate(asked)]
    file = tmp_path / "rules.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    run(str(PROMTOOL), "check", "rules", file)
