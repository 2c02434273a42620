"""Probes are answered whatever name they come by."""

import pytest
from django.db import OperationalError, connection
from django.test import Client

BY_ADDRESS = {"host": "10.1.2.3:8000"}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.django_db
def test_a_probe_by_address_is_answered_and_a_page_is_not(path: str) -> None:
    probed = Client(headers=BY_ADDRESS).get(path)
    assert (probed.status_code, probed.content) == (200, b"ok")
    assert Client(headers=BY_ADDRESS).get("/").status_code == 400


@pytest.mark.django_db
def test_without_the_database_the_process_lives_and_is_not_ready(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away() -> None:
        raise OperationalError("no answer within 6 s")

    monkeypatch.setattr(connection, "cursor", away)
    monkeypatch.setattr(connection, "close", lambda: None)  # it is the test's own
    assert Client().get("/healthz").status_code == 200
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert b"no answer within 6 s" in answer.content
