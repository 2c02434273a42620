"""Probes are answered whatever name they come by, and tell in words what stands how."""

from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from server import __version__
from standalone.processes import free_port
from tests.experiments.beacons import visit
from tests.experiments.world import make_experiment

BY_ADDRESS = {"host": "10.1.2.3:8000"}
THROUGH_THE_PROXY = {"x-forwarded-for": "192.0.2.1", "x-forwarded-proto": "https"}
pytestmark = pytest.mark.django_db


def states() -> dict[str, str]:
    document = Client().get("/readyz").json()
    assert set(document) == {"state", "parts"}
    return {"site": document["state"]} | {
        name: part["state"] for name, part in document["parts"].items()
    }


def says(part: str) -> str:
    return str(Client().get("/readyz").json()["parts"][part]["says"])


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_by_address_is_answered_and_a_page_is_not(path: str) -> None:
    assert Client(headers=BY_ADDRESS).get(path).status_code == 200
    assert Client(headers=BY_ADDRESS).get("/").status_code == 400


def test_the_process_tells_its_version_to_who_is_inside(settings: Any) -> None:
    settings.PRODUCTION = True
    assert __version__ in Client().get("/healthz").content.decode()
    assert Client(headers=THROUGH_THE_PROXY).get("/healthz").content == b"ok"


def test_a_site_that_is_well_says_so_of_each_part() -> None:
    parts = dict.fromkeys(("site", "database", "broker", "storage", "counts"), "ok")
    assert states() == parts


def test_a_stranger_is_told_no_part(settings: Any) -> None:
    settings.PRODUCTION = True
    assert Client(headers=THROUGH_THE_PROXY).get("/readyz").json() == {"state": "ok"}


def test_a_broker_that_is_away_stops_no_serving(settings: Any) -> None:
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{free_port()}/0"
    assert (states()["site"], states()["broker"]) == ("degraded", "degraded")
    assert "Connection refused" in says("broker")


def test_a_folder_that_takes_no_file_is_told(settings: Any) -> None:
    settings.MEDIA_ROOT = Path("/proc")
    assert states()["storage"] == "degraded"
    assert says("storage").startswith("Media cannot be written: ")


def test_counts_that_are_late_are_told() -> None:
    make_experiment(videos=1)
    visit("ann")
    assert states()["counts"] == "degraded"
    assert "1 batches wait" in says("counts")


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
    parts = answer.json()["parts"]
    assert "no answer within 6 s" in parts["database"]["says"]
    assert {name: part["state"] for name, part in parts.items()} == {
        "database": "away", "broker": "unknown", "storage": "ok", "counts": "unknown"
    }  # fmt: skip
