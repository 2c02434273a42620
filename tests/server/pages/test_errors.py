"""What is shown where a page cannot be."""

import errno
from typing import Any

import pytest
from django.db import InternalError, OperationalError
from django.test import Client

from experiments.errors import NotReadyError
from server.pages import overview


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make the list of experiments and the report's API raise what the test says."""

    def break_with(error: Exception) -> None:
        def fail(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr(overview, "with_summary", fail)
        monkeypatch.setattr("server.api.reports.get_object_or_404", fail)

    return break_with


def test_a_page_that_is_not_there_is_told_in_the_sites_own_design(visitor: Client) -> None:
    answer = visitor.get("/nothing/here")
    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()
    assert "site.css" in answer.content.decode()


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("connection refused"),
        InternalError("could not write"),
        NotReadyError("soon"),
    ],
)
def test_without_its_database_a_page_says_so(
    visitor: Client, broken: Any, error: Exception
) -> None:
    broken(error)
    answer = visitor.get("/dashboards/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "The database does not answer" in answer.content.decode()


def test_a_full_disk_is_told_as_such(visitor: Client, broken: Any) -> None:
    broken(OSError(errno.ENOSPC, "No space left on device"))
    answer = visitor.get("/dashboards/")
    assert answer.status_code == 507
    assert "There is no room left for files" in answer.content.decode()
    broken(PermissionError(errno.EACCES, "Permission denied"))
    assert visitor.get("/dashboards/").status_code == 500


def test_any_other_failure_is_an_error_without_its_secrets(visitor: Client, broken: Any) -> None:
    broken(RuntimeError("password is hunter2"))
    answer = visitor.get("/dashboards/")
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.content.decode()
    assert "hunter2" not in answer.content.decode()


def test_the_log_has_the_cause_in_full_or_in_one_line(
    visitor: Client, broken: Any, caplog: pytest.LogCaptureFixture
) -> None:
    broken(RuntimeError("a fault of ours"))
    visitor.get("/dashboards/")
    broken(OperationalError("connection refused"))
    visitor.get("/dashboards/")
    fault, away = [record for record in caplog.records if record.name == "server.pages.errors"]
    assert fault.exc_info is not None
    assert "a fault of ours" in caplog.text
    assert away.exc_info is None
    assert away.message == "GET /dashboards/: the database does not answer: connection refused"


def test_a_program_is_told_in_json(visitor: Client, broken: Any) -> None:
    broken(OperationalError("connection refused"))
    answer = visitor.get("/api/v1/reports/pilot")
    assert answer.status_code == 503
    assert answer.json() == {"error": "the database does not answer"}
    broken(RuntimeError("x"))
    assert visitor.get("/api/v1/reports/pilot").json() == {"error": "an error of the server"}
