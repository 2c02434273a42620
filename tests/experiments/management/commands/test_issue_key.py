"""`manage.py issue_key` and `revoke_key`."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from experiments.access_keys import personal_token
from experiments.models import AccessKey

pytestmark = pytest.mark.django_db


def made(*argv: str) -> str:
    call_command("issue_key", *argv, stdout=(out := StringIO()))
    return out.getvalue().strip()


def test_a_key_for_a_site() -> None:
    text = made("shop", "--origin", "https://shop.example", "--days", "30")
    key = AccessKey.objects.get()
    assert (key.scopes, key.origins, key.user) == (["embed"], ["https://shop.example"], None)
    assert key.expires_at is not None
    call_command("revoke_key", text, stdout=(out := StringIO()))
    assert out.getvalue() == f"shop ({text[:16]}…) is revoked\n"
    with pytest.raises(CommandError, match="revoked already"):
        call_command("revoke_key", text)


def test_a_personal_token() -> None:
    ann = User.objects.create_user("ann")
    text = made("notebook", "--user", "ann", "--scope", "read", "--scope", "manage")
    token = personal_token(text)
    assert token is not None
    assert (token.user, token.scopes) == (ann, ["manage", "read"])


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["shop", "--origin", "shop"], "origin == 'shop', must look like"),
        (["x", "--user", "nobody"], "there is no user 'nobody'"),
        (["x", "--scope", "read"], "read and manage need a user"),
    ],
)
def test_what_cannot_be_is_said(argv: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("issue_key", *argv)


def test_an_unknown_key_is_said() -> None:
    with pytest.raises(CommandError, match="0 keys begin with 'coverlift_x'"):
        call_command("revoke_key", "coverlift_x")
