"""Who asks, as the audit log has it: the account, and the door that the address is of."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from experiments.models import AuditEntry
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


def test_the_log_names_the_account_and_the_door(client: Client) -> None:
    make_experiment()
    client.force_login(User.objects.create_superuser("ann"))
    body = {"why": "an outage"}
    answer = client.post("/api/v1/experiments/pilot/pause", body, content_type="application/json")
    assert answer.status_code == 200
    entry = AuditEntry.objects.get()
    assert (entry.who, entry.door, entry.act, entry.why) == ("ann", "api", "pause", "an outage")
