"""The house's rules that no linter sees."""

import ast
import platform
import re
import subprocess
import sys
import tomllib
from fnmatch import filter as filter_names
from functools import cache
from pathlib import Path

import pytest
from django.core.management import call_command
from vulture import Vulture

from server.access_table import TABLE, rule_of
from tests.addresses import routes
from tests.source_code import MODELS, WRITING_SQL, models_written, modules, texts

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
OF_NO_ONE_MODULE = {
    "test_house.py": "rules of the whole house",
    "test_documents.py": "what documents and messages name",
    "experiments/analysis/test_documented_library.py": "the examples of docs/analysis.md",
    "experiments/analysis/stats/test_bad_input.py": "the same bad data for every statistic",
    "experiments/events/test_rollup_concurrency.py": "rollups beside writers, all committed",
    "experiments/events/transfer/test_roundtrip.py": "what export writes, import reads",
    "server/pages/test_doors.py": "every field of a report, on its page, in its file and text",
    "server/test_bad_rows.py": "bad rows, and every page of the site",
    "thumbnailer/selection/test_controls.py": "selectors of a few lines each",
    "thumbnailer/selection/test_pixel_selectors.py": "what hecate.py and beautthumb.py share",
    "thumbnailer/test_independence.py": "what lint refuses among selectors and among formats",
    "thumbnailer/test_bad_input.py": "the same bad files at every door",
    "thumbnailer/test_fuzz.py": "damaged files, from the sandbox to the thumbnail",
    "thumbnailer/test_nothing_poor.py": "what any selector chooses, judged from the pixels",
    "thumbnailer/training/test_own_data.py": "from files in the paper's format to a checkpoint",
    "thumbnailer/video/test_codecs.py": "every codec, from the probe to the cut",
}

TABLES_OF = {
    "experiments/events": {
        "Event",
        "GivenCount",
        "ArchivedDay",
        "Arrival",
        "IdBlock",
        "NetworkVisit",
        "ViewerFlag",
        "Rejection",
        "RefusedCount",
        "DayCount",
        "HourCount",
        "VideoHourCount",
        "MinuteCount",
        "VideoMinuteCount",
    },
    "experiments/making": {"Video", "VideoFrame", "Thumbnail", "Creative", "Intake"},
    "experiments/serving": {
        "Experiment",
        "Arm",
        "Phase",
        "Cell",
        "Decision",
        "ServedChange",
        "ShippedPicture",
        "ViewerAlias",
    },
    "experiments/audit.py": {"AuditEntry"},
    "experiments/work_times.py": {"WorkTime"},
    "experiments/access_keys.py": {"AccessKey"},
    "experiments/idempotency.py": {"KeptAnswer"},
    "experiments/analysis": {"ReportSummary", "TwoWayError", "VideoCourse"},
    "experiments/studies": {"SimulatedTraffic"},
    "experiments/webhooks": {"Webhook", "WebhookDelivery"},
    "experiments/annotation": {"CommentCurve", "Proposal", "Judgement", "Choice"},
}
# A study makes up an experiment of its own.
WRITTEN_ELSEWHERE = {
    "experiments/studies/replica/experiment.py": {"Experiment", "Arm", "Video"},
}
AGGREGATES = {"Sum", "Avg", "Min", "Max", "Count", "StdDev", "Variance", "ArrayAgg"}
SUMMING = (
    "experiments/events/",
    "experiments/analysis/kept_counts.py",
    "experiments/analysis/queries.py",
)
WEB = "import server.wsgi, django.urls; django.urls.get_resolver().url_patterns"


def test_platform_is_the_standard_librarys() -> None:
    assert platform.system()
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert [path.name for path in (ROOT / "platform").glob("*.py")] == []


def test_a_web_process_imports_neither_torch_nor_the_thumbnailer() -> None:
    """Importing torch costs seconds and half a gigabyte that no request needs."""
    assert imported_by(WEB) & {"torch", "thumbnailer", "av"} == set()


def test_statistics_are_imported_where_they_are_first_used() -> None:
    """They take half of each command's start: `import scipy` loads scipy.stats when it is named."""
    assert imported_by(WEB) & {"scipy.stats", "scipy.sparse", "statsmodels", "pandas"} == set()


def test_a_web_process_imports_no_reader_of_large_files_before_one_is_asked_for() -> None:
    """Each takes 10 to 40 MB of every web process."""
    assert imported_by(WEB) & {"pyarrow", "redis"} == set()


def test_a_worker_imports_neither_pages_nor_statistics() -> None:
    """They would take 90 MB in each of its processes, which thumbnails never need."""
    program = "from server.celery import app; app.loader.import_default_modules()"
    imported = imported_by(program)
    assert "celery" in imported
    assert imported & {"torch", "scipy", "pandas", "statsmodels", "plotly"} == set()


@cache
def imported_by(program: str) -> set[str]:
    """Return the modules that a new process has imported after the program."""
    program += "\nimport sys; print(*sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(answer.stdout.split())


def test_every_address_has_a_row_in_the_table_of_who_may_and_every_row_an_address() -> None:
    """A new page needs its row in platform/server/access_table.py, or it is closed to everybody."""
    assert {route for route in routes() if rule_of(route) is None} == set()
    assert {row for row in TABLE if row not in routes()} == set()
    assert rule_of("a/page/without/a/row/") is None


def test_every_table_is_written_by_one_room() -> None:
    assert set().union(*TABLES_OF.values()) == MODELS
    strays = {
        path: models_written(tree) - TABLES_OF.get("/".join(path.split("/")[:2]), set())
        for path, tree in modules().items()
    }
    assert {path: models for path, models in strays.items() if models} == WRITTEN_ELSEWHERE


def test_sql_that_writes_stands_in_events() -> None:
    writing = {
        path
        for path, tree in modules().items()
        if any(WRITING_SQL.search(text) for text in texts(tree))
    }
    assert {path for path in writing if not path.startswith("experiments/events/")} == set()
    assert "experiments/events/store/postgres.py" in writing


def test_events_and_counts_are_read_in_events_and_analysis_and_summed_in_one_module_of_it() -> None:
    of_events = TABLES_OF["experiments/events"]
    tables = tuple(f"experiments_{model.lower()}" for model in of_events)
    for path, tree in modules().items():
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        sql = [text for text in texts(tree) if any(table in text for table in tables)]
        if (names & of_events or sql) and not path.startswith("experiments/models/"):
            assert path.startswith(("experiments/events/", "experiments/analysis/")), path
            summed = names & AGGREGATES or any("GROUP BY" in text for text in sql)
            assert not summed or path.startswith(SUMMING), path


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


def test_tests_stand_where_their_module_stands() -> None:
    whole_site = {TESTS / "functional", TESTS / "benchmarks"}
    strays = {
        str(test.relative_to(TESTS))
        for test in TESTS.rglob("test_*.py")
        if not whole_site & set(test.parents) and not has_module(test)
    }
    assert strays == set(OF_NO_ONE_MODULE)


def has_module(test: Path) -> bool:
    """Tell whether a module, package or program has the test's place; or a helper in tests."""
    name = test.stem.removeprefix("test_")
    files = (f"{name}.py", f"{name}/__init__.py", f"__{name}__.py")
    rooms = (ROOT, ROOT / "platform", TESTS)
    folder = test.parent.relative_to(TESTS)
    return any((room / folder / file).is_file() for room in rooms for file in files)


def test_make_lint_runs_what_contributing_promises() -> None:
    words = (ROOT / "CONTRIBUTING.md").read_text().partition("make lint")[2].partition("make ")[0]
    promised = set(re.findall(r"\(([a-z-]+)\)", words))
    recipe = (ROOT / "Makefile").read_text().partition("\nlint:")[2].partition("\n\n")[0]
    run = set(re.findall(r"(?:-m|bin/)[ ]?([a-z-]+)", recipe))
    assert run == {"lint-imports" if tool == "import-linter" else tool for tool in promised}
    assert (ROOT / ".ci" / "run").read_text().endswith("\nmake lint\nmake test\n")


def test_nothing_is_excepted_from_vulture_that_it_would_pass() -> None:
    """An exception leaves with the code, or with its first caller."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        settings = tomllib.load(file)["tool"]["vulture"]
    vulture = Vulture(ignore_decorators=settings["ignore_decorators"])
    vulture.scavenge([ROOT / path for path in settings["paths"]], settings["exclude"])
    unused = [item.name for item in vulture.get_unused_code(settings["min_confidence"])]
    assert [name for name in settings["ignore_names"] if not filter_names(unused, name)] == []


def test_no_test_puts_a_mock_in_the_place_of_the_real_thing() -> None:
    imports = re.compile(r"^\s*(from|import) (unittest|mock|pytest_mock)\b", re.MULTILINE)
    assert [path for path in TESTS.rglob("*.py") if imports.search(path.read_text())] == []


def test_a_modules_docstring_begins_with_the_thing() -> None:
    asking = re.compile(r"(What|How|Which|Who|Whom|Whose|Where|When|Why|Whether)\b")
    first_words = {path: ast.get_docstring(tree) or "" for path, tree in modules().items()}
    assert [path for path, text in first_words.items() if asking.match(text)] == []


def test_production_without_its_settings_does_not_start() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", "import server.settings"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "platform"), "PATH": "", "COVERLIFT_ENV": "production"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode != 0
    assert "COVERLIFT_SECRET_KEY, COVERLIFT_ALLOWED_HOSTS" in answer.stderr


@pytest.mark.django_db
def test_the_migrations_are_those_of_the_models() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
