"""After a test that commits nothing is left, whichever way the tables are emptied."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from experiments.models import AuditEntry, Event, Video
from tests import emptying
from tests.experiments.events.journeys import Journey, store
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db(transaction=True)
# What `migrate` and `flush` make of the code, not a test.
OF_THE_CODE = {"auth_group", "auth_group_permissions", "auth_permission", "django_content_type"}


def tables_with_rows() -> set[str]:
    names = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})"  # noqa: S608
                for name in names
            )
        )
        return {name for (name,) in cursor.fetchall()} - OF_THE_CODE


@pytest.mark.parametrize("most_bytes", [emptying.MOST_BYTES, 0])
def test_every_table_is_emptied(monkeypatch: pytest.MonkeyPatch, most_bytes: int) -> None:
    monkeypatch.setattr(emptying, "MOST_BYTES", most_bytes)
    make_experiment()
    store([Journey()])
    AuditEntry.objects.create(who="x", door="api", kind="video", subject="v", act="look")
    full = {model._meta.db_table for model in (AuditEntry, Event, Video)}
    assert full < tables_with_rows()
    call_command("flush", interactive=False, verbosity=0, reset_sequences=False)
    emptying.empty_event_tables()
    assert tables_with_rows() <= {"experiments_servedchange"}  # which notes that all is gone
