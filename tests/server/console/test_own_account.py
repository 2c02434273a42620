"""Codes beside the password: begun, asked for at the login, and ended."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from server.roles import Role
from tests.server.people import logged_in

pytestmark = pytest.mark.django_db
PAGE, LOGIN = "/console/account/", "/console/login/"


@pytest.fixture
def ann() -> Client:
    client = logged_in(Role.VIEWER_OF_REPORTS, "ann")
    user = User.objects.get()
    user.set_password("the right one")
    user.save()
    client.force_login(user)
    return client


def code() -> str:
    """Return what the app shows now; one that was used is not taken again."""
    device = TOTPDevice.objects.get()
    device.last_t, device.throttling_failure_count = -1, 0
    device.save()
    return f"{totp(device.bin_key):06d}"


def log_in(typed: str = "") -> int:
    sent = {"username": "ann", "password": "the right one", "code": typed}
    return Client().post(LOGIN, sent).status_code


def test_codes_are_begun_by_a_right_one_and_then_asked_for(ann: Client) -> None:
    page = ann.post(PAGE, {"act": "begin"}).content.decode()
    assert "data:image/svg+xml;base64," in page
    assert ann.post(PAGE, {"act": "confirm", "code": "000000"}).status_code == 400
    assert log_in() == 302  # nothing is asked for before the app has shown that it knows
    assert ann.post(PAGE, {"act": "confirm", "code": code()}).status_code == 302
    assert log_in() == 200
    assert log_in("000000") == 200
    assert log_in(code()) == 302


def test_a_code_works_once_and_wrong_ones_must_wait(ann: Client) -> None:
    ann.post(PAGE, {"act": "begin"})
    ann.post(PAGE, {"act": "confirm", "code": code()})
    right = code()
    assert [log_in(right), log_in(right)] == [302, 200]
    right = code()
    assert log_in("000000") == 200
    assert log_in(right) == 200  # within the second


def test_codes_are_ended_by_a_right_one_alone(ann: Client) -> None:
    ann.post(PAGE, {"act": "begin"})
    ann.post(PAGE, {"act": "confirm", "code": code()})
    assert ann.post(PAGE, {"act": "end", "code": "000000"}).status_code == 400
    assert ann.post(PAGE, {"act": "end", "code": code()}).status_code == 302
    assert log_in() == 302
