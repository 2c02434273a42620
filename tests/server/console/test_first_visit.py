"""The page on which the first account is made."""

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from experiments.models import AuditEntry

pytestmark = pytest.mark.django_db
FIRST = "/console/first/"
PASSWORD = "a password of nobody else"


def printed() -> str:
    """Return what the command prints: a path with the code behind #."""
    answer = StringIO()
    call_command("first_operator_code", stdout=answer)
    return answer.getvalue().strip()


def filled(code: str, **other: str) -> dict[str, str]:
    return {"code": code, "username": "ada", "password1": PASSWORD, "password2": PASSWORD} | other


def test_from_the_printed_link_to_the_console(client: Client) -> None:
    path, _, code = printed().partition("#")
    assert client.get("/console/", follow=True).redirect_chain[-1][0] == path == FIRST
    answer = client.post(FIRST, filled(code), follow=True)
    assert answer.redirect_chain == [("/console/", 302)]
    assert "Welcome: this is your console" in answer.content.decode()
    assert AuditEntry.objects.get().who == "ada"


def test_with_an_account_there_is_no_first_visit(client: Client) -> None:
    _, _, code = printed().partition("#")
    User.objects.create_user("root")
    assert client.get(FIRST)["Location"] == "/console/login/"
    assert client.post(FIRST, filled(code))["Location"] == "/console/login/"
    assert User.objects.count() == 1
    assert printed() == ""


def test_a_wrong_code_is_refused_beside_its_field_and_soon_no_more_heard(client: Client) -> None:
    _, _, code = printed().partition("#")
    answers = [client.post(FIRST, filled(f"wrong {number}")) for number in range(5)]
    assert "this is not the code that was printed last" in answers[0].content.decode()
    assert client.post(FIRST, filled(code)).status_code == 429
    assert not User.objects.exists()


def test_a_weak_password_is_refused_and_the_code_is_still_good(client: Client) -> None:
    _, _, code = printed().partition("#")
    weak = client.post(FIRST, filled(code, password1="ada", password2="ada"))
    assert "at least 12 characters" in weak.content.decode()
    assert client.post(FIRST, filled(code)).status_code == 302


def test_the_code_is_in_no_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    _, _, code = printed().partition("#")
    with caplog.at_level("DEBUG"):
        client.post(FIRST, filled(code, password2="other"))
        client.post(FIRST, filled(f"{code}x"))
    assert code not in caplog.text
