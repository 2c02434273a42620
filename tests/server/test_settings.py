"""Every variable is documented with its true default, and passed on by docker-compose.yml."""

import ast
import os
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from server import env
from standalone.serve import DEFAULT_PORT

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs/settings.md").read_text()
ROW = re.compile(r"^\| (`[A-Z0-9_`, ]+`) \| (.*?) \| (.*) \|$", re.MULTILINE)
READERS = (
    "env_bool", "env_choice", "env_choices", "env_colour", "env_int", "env_list", "env_matching",
    "env_numbers",
    "env_skip", "env_text", "env_time_zone",
)  # fmt: skip
READ_BY_LIBRARIES = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"}
OF_MAKE = {"PORT", "VIDEOS"}


def documented() -> dict[str, tuple[str, str]]:
    """Return the default and the meaning by variable, as docs/settings.md gives them."""
    return {
        name.strip("` "): (default, holds)
        for names, default, holds in ROW.findall(DOCUMENT)
        for name in names.split(",")
    }


def product() -> Iterator[ast.AST]:
    files = [ROOT / "manage.py"]
    files += (path for room in ("platform", "experiments", "thumbnailer")
              for path in (ROOT / room).rglob("*.py"))  # fmt: skip
    for path in files:
        yield from ast.walk(ast.parse(path.read_text()))


def variables_read() -> set[str]:
    """Return the variables that the product's code reads by a reader of env.py or by itself."""
    named = set()
    for node in product():
        if isinstance(node, ast.Call):
            reader = ast.unparse(node.func).removeprefix("env.")
            if reader in {*READERS, "require_in_production", "os.environ.get", "os.getenv"}:
                named |= {each.value for each in node.args[:1] if isinstance(each, ast.Constant)}
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            named |= {node.slice.value} if isinstance(node.slice, ast.Constant) else set()
    return {str(name) for name in named}


def test_every_variable_that_is_read_is_documented_and_no_other() -> None:
    assert set(documented()) == variables_read() | READ_BY_LIBRARIES


@pytest.fixture
def defaults(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run the settings in an empty environment; return what each variable falls back to."""
    found: dict[str, Any] = {}

    def recording(reader: Any) -> Any:
        def read(name: str, *default: Any, **named: Any) -> Any:
            found[name] = default[0] if default else named["default"]
            return reader(name, *default, **named)

        return read

    for name in os.environ:
        monkeypatch.delenv(name)
    for reader in READERS:
        monkeypatch.setattr(env, reader, recording(getattr(env, reader)))
    runpy.run_path(str(ROOT / "platform/server/settings.py"))
    return {**found, "PORT": DEFAULT_PORT}


def as_written(default: Any) -> str:
    """Return how a person would set the variable to this."""
    if isinstance(default, bool):
        return str(int(default))
    text = ",".join(default) if isinstance(default, list) else str(default)
    return text.replace(f"{ROOT}{os.sep}", "")


def test_the_documented_defaults_are_true(defaults: dict[str, Any]) -> None:
    assert len(defaults) > 25
    told = documented()
    for name, default in defaults.items():
        code = re.match(r"`([^`…]+)…?`", told[name][0])
        if as_written(default) == "":
            assert told[name][0].startswith("none"), name
        elif code is not None and code[0].endswith("…`"):
            assert as_written(default).startswith(code[1]), name
        else:
            assert code is not None, name
            assert code[1] == as_written(default), name


def test_what_production_requires_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    required: list[str] = []
    monkeypatch.setenv("COVERLIFT_ENV", "production")
    monkeypatch.setattr(env, "require_in_production", lambda *names: required.extend(names))
    runpy.run_path(str(ROOT / "platform/server/settings.py"))
    marked = [name for name, (default, _) in documented().items() if "**required**" in default]
    assert sorted(marked) == sorted(required)


def test_compose_passes_every_variable_to_every_program_of_the_site() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    programs = {name: each for name, each in compose["services"].items() if "build" in each}
    makers = {"worker", "features", "features-gpu"}
    assert set(programs) == {"migrate", "web", "beat", "drain", *makers}
    for program in programs.values():
        passed = {name.removesuffix("_FILE") for name in program["environment"]}
        assert passed == set(documented()) - OF_MAKE


def test_what_compose_sets_by_itself_is_a_setting_of_production() -> None:
    environment = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["x-coverlift"][
        "environment"
    ]
    given = environment.items()
    fixed = {name.removesuffix("_FILE") for name, value in given if value is not None}
    marked = {name for name, (default, _) in documented().items() if "**required**" in default}
    ours = {"COVERLIFT_ENV", "COVERLIFT_HEARTBEAT", "NUMBA_CACHE_DIR", "PROMETHEUS_MULTIPROC_DIR"}
    assert fixed == marked | ours
