"""All that README, CONTRIBUTING, the documents and messages name is there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import BaseCommand, get_commands, load_command_class
from django.urls import Resolver404, resolve

from server import __version__
from standalone import licences
from tests.callers import table

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
FOLDERS = (
    "docs",
    "deployment",
    "examples",
    "experiments",
    "platform",
    "templates",
    "tests",
    "thumbnailer",
)
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
WITH_TEXT = {".py", ".md", ".html", ".js", ".css", ".toml", ".yml", ".txt", ".json", ""}
TREE_LINE = re.compile(r"^( +)([a-z_]+)/ {2,}\S", re.MULTILINE)
IN_BACKTICKS = re.compile(r"`([^`\n]+)`")
FILE = re.compile(r"[\w./-]+\.(py|md|yml|toml|js|css|html)")
FOLDER = re.compile(rf"({'|'.join(FOLDERS)})(/[\w./-]+)?")
PATH_IN_PROSE = re.compile(rf"\b(?:{'|'.join(FOLDERS)})/[\w/-]+(?:\.\w+)+")
LINK = re.compile(r"\]\(([^)#:\s]*)(?:#([^)]*))?\)")
DOCUMENT = re.compile(r"\bdocs/[\w/-]+\.md")
MAKE = re.compile(r"(?:`|<code>|^ {4})make ([a-z-]+)", re.MULTILINE)
MANAGE = re.compile(r"manage\.py ([a-z_]+)")
COMMAND_LINE = re.compile(r"manage\.py ([a-z_]+(?:[^`\n\\]|\\\n)*)")
VARIABLE = re.compile(r"make [a-z]+ ([A-Z]+)=")
MODULE = re.compile(r"python3? -m ([a-z_]+(?:\.[a-z_]+)+)")
ADDRESS = re.compile(r"/[\w/.-]*")


def files() -> Iterator[Path]:
    """Yield the project's files with text, but for the changelog, which tells of the past."""
    for path in [*ROOT.iterdir(), *(each for name in FOLDERS for each in (ROOT / name).rglob("*"))]:
        if path.is_file() and path.suffix in WITH_TEXT and path.name != "CHANGELOG.md":
            yield path


def places() -> set[str]:
    """Return every file and folder of the project, each with a slash in front."""
    below = [path for name in FOLDERS for path in (ROOT / name).rglob("*")]
    return {f"/{path.relative_to(ROOT)}" for path in [*ROOT.iterdir(), *below]}


def test_the_tree_in_the_readme_is_the_tree_on_disk() -> None:
    block = (ROOT / "README.md").read_text().partition("## How it is built")[2]
    shown, room = set(), ""
    for indent, name in TREE_LINE.findall(block.partition("\n\n#")[0]):
        room = name if len(indent) == 4 else room
        shown.add(name if len(indent) == 4 else f"{room}/{name}")
    packages = {
        f"{room}/{path.parent.name}"
        for room in ("experiments", "platform", "thumbnailer")
        for path in (ROOT / room).glob("*/__init__.py")
    }
    assert shown == set(FOLDERS) | packages - {"experiments/migrations"}


def test_no_folder_is_left_out() -> None:
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text().split()}
    found = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "."}
    assert found - ignored == set(FOLDERS)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_that_a_document_names_are_there(document: Path) -> None:
    text, there = document.read_text(), "\n".join(places())
    named = {code for code in IN_BACKTICKS.findall(text)
             if FILE.fullmatch(code) or FOLDER.fullmatch(code)}  # fmt: skip
    named |= set(PATH_IN_PROSE.findall(text))
    for name in named:
        pattern = re.escape(name.rstrip("/")).replace("NAME", r"\w+")
        assert re.search(f"/{pattern}$", there, re.MULTILINE), name
    for link, anchor in LINK.findall(text):
        target = document.parent / link if link else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text()), f"{link}#{anchor}"


def anchors(text: str) -> set[str]:
    """Return the names by which a document's headings are linked to."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def named_by(pattern: re.Pattern[str]) -> set[str]:
    return {name for path in files() for name in pattern.findall(path.read_text())}


def test_every_document_that_code_names_exists() -> None:
    assert [name for name in named_by(DOCUMENT) if not (ROOT / name).is_file()] == []


def test_every_target_of_make_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    named = named_by(MAKE)
    assert named - set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE)) == set()
    assert {"pilot", "test", "serve"} <= named


def test_every_command_of_manage_py_that_is_named_exists() -> None:
    named = named_by(MANAGE)
    assert named - set(get_commands()) == set()
    assert {"make_thumbnails", "migrate"} <= named


def test_every_variable_of_make_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert [name for name in named_by(VARIABLE) if not re.search(rf"\b{name}\b", makefile)] == []


def test_every_command_line_that_a_document_gives_is_understood() -> None:
    lines = [line for path in DOCUMENTS for line in COMMAND_LINE.findall(path.read_text())]
    assert len(lines) > 15
    for line in lines:
        name, *words = shlex.split(line.replace("\\\n", " "), comments=True)
        words = [re.sub("^(SECONDS|CELLS)$", "1", word.strip("[]")) for word in words]
        app = get_commands()[name]
        command = app if isinstance(app, BaseCommand) else load_command_class(app, name)
        command.create_parser("manage.py", name).parse_args(words)


def test_every_module_that_is_to_be_run_exists() -> None:
    for name in named_by(MODULE):
        path = name.replace(".", "/")
        assert any(
            (room / f"{path}{end}").is_file()
            for room in (ROOT, ROOT / "platform")
            for end in (".py", "/__main__.py")
        ), name


def test_every_page_that_a_document_names_has_an_address() -> None:
    for document in DOCUMENTS:
        for code in IN_BACKTICKS.findall(document.read_text()):
            address = re.sub(r"^POST |\?.*", "", code)
            if not ADDRESS.fullmatch(address):
                continue
            try:
                resolve(address.replace("SLUG", "a-slug"))
            except Resolver404:
                pytest.fail(f"{document.name} names {code}, which leads nowhere")


def glossary(heading: str) -> list[list[str]]:
    """Return the cells of the rows of one part of the glossary."""
    part = (ROOT / "docs/glossary.md").read_text().partition(f"## {heading}\n")[2]
    rows = re.findall(r"^\| (.*) \|$", part.partition("\n## ")[0], re.MULTILINE)
    return [row.split(" | ") for row in rows[1:]]


def test_the_glossary_has_every_word_that_reports_explain() -> None:
    explained = (ROOT / "templates/dashboards/how_to_read.html").read_text()
    terms = {
        word
        for heading in ("What happened", "What it means")
        for term, _ in glossary(heading)
        for word in term.lower().split(", ")
    }
    named = {word for names in re.findall(r"<dt>(.*?)</dt>", explained)
             for word in names.lower().split(", ")}  # fmt: skip
    assert named - terms == {"paper"}


def test_the_words_decided_are_those_of_the_code() -> None:
    files = [path for name in FOLDERS for path in (ROOT / name).rglob("*.py")]
    names = {path.stem for path in files} | {path.parent.name for path in files}
    for path in files:
        names |= set(re.findall(r"^ *(?:class|def) (\w+)", path.read_text(), re.MULTILINE))
    for _, now, _ in glossary("Words decided"):
        assert set(now.split(", ")) <= names, now


def test_the_licence_of_every_package_is_listed() -> None:
    said = (ROOT / "docs/licences.md").read_text()
    assert licences.table() in said, f"docs/licences.md must say:\n{licences.table()}"


def test_what_a_larger_site_needs_is_locked_beside_the_rest() -> None:
    needed = licences.pins("requirements-log.txt") | licences.pins("requirements-clickhouse.txt")
    locked = licences.pins("requirements-scale.lock")
    assert needed.keys() - locked.keys() == {"chdb"}, "an engine for one process, in no image"
    assert (locked | needed).items() - licences.pins("constraints.txt").items() == set()
    assert needed.items() - locked.items() == {("chdb", needed["chdb"])}


def test_what_the_checks_need_is_locked_beside_the_rest() -> None:
    needed, locked = licences.pins("requirements-dev.txt"), licences.pins("requirements-dev.lock")
    beside = licences.pins("requirements.lock")
    assert needed.items() <= locked.items() | beside.items()
    assert not locked.keys() & beside.keys()
    pinned = licences.pins("constraints.txt") | needed
    assert {name: pinned.get(name, version) for name, version in locked.items()} == locked
    blocks = re.split(r"\n(?=[a-z0-9])", (ROOT / "requirements-dev.lock").read_text())
    assert all("--hash=sha256:" in block for block in blocks)


@pytest.mark.parametrize("name", ["web", "all"])
def test_every_pin_is_locked_with_the_hashes_of_its_files(name: str) -> None:
    """`make setup` installs the pins, and the images the locks: they must be the same."""
    asked, lock = {
        "web": ("requirements-web.txt", "requirements-web.lock"),
        "all": ("requirements.txt", "requirements.lock"),
    }[name]
    locked, pinned = licences.pins(lock), licences.pins(asked)
    pinned.pop("torch", None)  # whose builds have an index each
    assert pinned.items() <= locked.items()
    assert locked.items() <= licences.pins("constraints.txt").items()
    blocks = re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text())
    assert all("--hash=sha256:" in block for block in blocks)
    assert name == "all" or not {"torch", "av", "numba"} & set(locked)


def test_the_statistics_say_of_each_function_who_uses_it() -> None:
    said = (ROOT / "docs/statistics.md").read_text()
    assert table() in said, f"docs/statistics.md must say:\n{table()}"


def test_the_version_is_the_newest_release_and_its_database_is_there() -> None:
    newest = re.search(r"^## ([\d.]+) \(", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest is not None
    assert newest[1] == __version__
    assert (ROOT / "tests" / "releases" / f"{__version__}.dump").is_file()


def test_the_operator_is_told_of_every_table_how_long_it_is_kept() -> None:
    document = (ROOT / "docs/operations.md").read_text()
    told = document.partition("## How long what is kept\n")[2].partition("\n## ")[0]
    rows = [row.split(" | ")[1] for row in told.splitlines() if row.startswith("| ")]
    named = [name for cell in rows for name in re.findall(r"`([a-z_]+)`", cell)]
    tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
    assert sorted(named) == sorted(tables)


def test_every_chapter_of_the_security_standard_is_judged() -> None:
    """That what a row names is there is asked of all documents."""
    lines = (ROOT / "docs/asvs.md").read_text().splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| V")]
    judged = {int(number) for row in rows for number in re.findall(r"\bV(\d+)", row[0])}
    assert judged == set(range(1, 15))
    for requirement, state, evidence in rows:
        assert state in {"met", "not", "does not apply"}, requirement
        assert evidence, requirement
