"""Statements end: slow ones at the server's own limit, those of workers never."""

from typing import Any

import pytest
from django.db import OperationalError, connection

from server.database.patience import patience

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def _anew() -> Any:
    connection.close()
    yield
    connection.close()


@pytest.mark.usefixtures("_anew")
def test_a_slow_statement_is_ended_and_its_connection_goes_on(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(patience, "ends", True)
    settings.STATEMENT_TIME_S = 1
    with connection.cursor() as cursor:
        with pytest.raises(OperationalError, match="statement timeout"):
            cursor.execute("SELECT pg_sleep(100)")
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


@pytest.mark.usefixtures("_anew")
def test_who_answers_nobody_waits_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "ends", False)  # as before the web server's module is imported
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)
