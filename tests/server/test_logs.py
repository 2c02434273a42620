"""Ids of requests and tasks cross from the client to the log, and from the web to the worker."""

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from pytest_django.fixtures import Settings

from server.logs import HEADER, Ids, JsonLines, answers, request_id, with_ids
from tests.waiting import wait_until

logger = logging.getLogger("tests.a_task")


@pytest.fixture
def lines() -> Iterator[StringIO]:
    """What is logged meanwhile, as JSON lines."""
    output = StringIO()
    handler = logging.StreamHandler(output)
    handler.setFormatter(JsonLines())
    handler.addFilter(Ids())
    levels = {each: each.level for each in (answers, logger)}
    for each in levels:
        each.addHandler(handler)
        each.setLevel("INFO")
    yield output
    for each, level in levels.items():
        each.removeHandler(handler)
        each.setLevel(level)


def records(lines: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def ask(**environ: str) -> str:
    """Ask a site of one page; return the id that its answer names."""
    told: list[Any] = []

    def page(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [request_id.get().encode()]

    asked = {"REQUEST_METHOD": "GET", "PATH_INFO": "/feed/pilot/", **environ}
    (content,) = with_ids(page)(asked, lambda *start: told.extend(start))  # type: ignore[arg-type]
    named = dict(told[1])[HEADER]
    assert named == content.decode()
    return str(named)


def test_an_answer_names_the_id_under_which_it_is_logged(lines: StringIO) -> None:
    first, second = ask(), ask()
    assert first != second
    (record, _) = records(lines)
    assert (record["request_id"], record["level"]) == (first, "INFO")
    assert record["message"] == "GET /feed/pilot/ 200"
    assert record["duration_ms"] >= 0
    assert record["at"].endswith("+00:00")


def test_the_proxys_id_is_taken_and_a_clients_is_not(settings: Settings) -> None:
    assert ask(HTTP_X_REQUEST_ID="mine") != "mine"
    settings.PRODUCTION = True
    assert ask(HTTP_X_REQUEST_ID="f00d") == "f00d"
    assert ask(HTTP_X_REQUEST_ID='no\n"id"') != 'no\n"id"'


def test_a_failure_is_one_line(lines: StringIO) -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        logger.exception("it failed")
    (record,) = records(lines)
    assert "ValueError: two\nlines" in record["exc_info"]


def test_a_task_is_logged_under_the_id_of_the_request_that_sent_it(lines: StringIO) -> None:
    app = Celery(broker="memory://", set_as_current=False)

    @app.task(name="first")
    def first() -> None:
        logger.info("first")
        second.delay()

    @app.task(name="second")
    def second() -> None:
        logger.info("second")

    with start_worker(app, perform_ping_check=False):
        token = request_id.set("f00d")
        first.delay()
        request_id.reset(token)
        wait_until(lambda: len(records(lines)) == 2, "both tasks have run")
    found = records(lines)
    assert [each["task"] for each in found] == ["first", "second"]
    assert {each["request_id"] for each in found} == {"f00d"}
    assert len({each["task_id"] for each in found}) == 2
