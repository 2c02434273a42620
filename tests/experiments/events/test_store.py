"""The setting that says where events are kept."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from experiments.events.store import event_store
from experiments.events.store.postgres import PostgresStore


def test_events_are_in_postgres_unless_the_setting_says_otherwise() -> None:
    assert isinstance(event_store(), PostgresStore)
    assert event_store() is event_store()


@pytest.mark.parametrize("address", ["", "chdb", "chdb:", "mysql://here/db", "clickhouse://here"])
def test_another_setting_is_named_and_what_it_must_be(settings: Any, address: str) -> None:
    settings.EVENTS = address
    with pytest.raises(ImproperlyConfigured, match=r"must be postgres, chdb:FOLDER or clickhouse"):
        event_store()
