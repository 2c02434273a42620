"""Keys: what can be made, what is kept of them, and when they open nothing."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from experiments.access_keys import digest_of, issue, normal_origin, personal_token, revoke, valid
from experiments.errors import InvalidValuesError, StateError
from experiments.models import AccessKey, AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> User:
    return User.objects.create_user("ann", is_staff=True)


def test_the_text_is_kept_nowhere(ann: User) -> None:
    key, text = issue("notebook", ["read"], user=ann)
    row = AccessKey.objects.filter(pk=key.pk).values().get()
    assert text not in str(row)
    assert row["digest"] == digest_of(text)
    assert text.startswith(row["hint"])
    assert len(text) - len(row["hint"]) > 30
    assert text not in str(AuditEntry.objects.values())
    assert issue("notebook", ["read"], user=ann)[1] != text


def test_a_token_is_found_until_it_expires_is_revoked_or_its_user_leaves(ann: User) -> None:
    key, text = issue("notebook", ["read"], user=ann, days=1)
    assert personal_token(text) == key
    assert personal_token(text + "x") is None
    ann.is_active = False
    ann.save()
    assert personal_token(text) is None
    User.objects.update(is_active=True)
    AccessKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert personal_token(text) is None
    AccessKey.objects.update(expires_at=None)
    assert personal_token(text) == key
    revoke(key)
    assert personal_token(text) is None
    assert not valid().exists()
    with pytest.raises(StateError, match="revoked already"):
        revoke(key)


def test_making_and_revoking_leave_a_trace() -> None:
    key, _ = issue("shop", ["embed"], origins=["https://Shop.example/"])
    revoke(key)
    assert list(AuditEntry.objects.order_by("pk").values_list("kind", "subject", "act")) == [
        ("key", key.hint, "issue"), ("key", key.hint, "revoke"),
    ]  # fmt: skip
    issued = AuditEntry.objects.get(act="issue")
    assert issued.after["origins"] == ["https://shop.example"]


@pytest.mark.parametrize(
    ("given", "field", "problem"),
    [
        ({"name": " "}, "name", "name has 0 characters"),
        ({"scopes": []}, "scopes", "scopes == none, must be of embed, read, manage"),
        ({"scopes": ["fly"]}, "scopes", "scopes == fly, must be of"),
        ({"scopes": ["embed", "read"]}, "scopes", "read and manage need a user"),
        ({"origins": ["shop.example"]}, "origins", "origin == 'shop.example', must look like"),
        ({"origins": ["https://a.example/path"]}, "origins", "must look like"),
        ({"origins": ["https://a.example@b.example"]}, "origins", "must look like"),
        ({"origins": ["ftp://a.example"]}, "origins", "must look like"),
        ({"origins": ["*"]}, "origins", "must look like"),
        ({"origins": ["https://a.example:port"]}, "origins", "must look like"),
        ({"days": 0}, "days", "days == 0, must be from 1 to 3650"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, object], field: str, problem: str) -> None:
    values = {"name": "shop", "scopes": ["embed"], **given}
    with pytest.raises(InvalidValuesError) as refused:
        issue(**values)  # type: ignore[arg-type]
    assert problem in refused.value.problems[field]
    assert not AccessKey.objects.exists()


def test_a_key_of_a_site_can_open_no_more_whoever_writes_it() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessKey.objects.create(name="x", scopes=["manage"], hint="x", digest="x")


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("https://Shop.Example", "https://shop.example"),
        ("https://shop.example:443/", "https://shop.example"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]:80", "http://[::1]"),
    ],
)
def test_an_origin_is_written_as_browsers_send_it(typed: str, sent: str) -> None:
    assert normal_origin(typed) == sent
