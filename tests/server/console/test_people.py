"""The page of people, and what an administrator does there."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import DjangoAssertNumQueries

from experiments.models import AuditEntry
from server.roles import Role, role_of
from tests.server.people import logged_in, person

pytestmark = pytest.mark.django_db
PAGE = "/console/people/"
PASSWORD = "a password of nobody else"


@pytest.fixture
def administrator() -> Client:
    return logged_in(Role.ADMINISTRATOR, "root")


def act(client: Client, user: User, act: str, **more: object) -> str:
    address = f"{PAGE}{user.pk}/"
    return client.post(address, {"act": act, **more}, follow=True).content.decode()


def link(page: str) -> str:
    found = re.search(r'<code class="secret">http://testserver(.*)</code>', page)
    assert found is not None
    return found[1]


def test_a_new_person_sets_a_password_by_a_link_and_logs_in(administrator: Client) -> None:
    made = administrator.post(PAGE, {"username": "ann", "role": int(Role.ANALYST)})
    address = link(made.content.decode())
    new = Client()
    page = new.get(address, follow=True)
    form = page.redirect_chain[-1][0]
    sent = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    assert new.post(form, sent)["Location"] == "/console/login/"
    assert "was used already" in Client().get(address, follow=True).content.decode()
    answer = new.post("/console/login/", {"username": "ann", "password": PASSWORD})
    assert answer["Location"] == "/dashboards/"
    assert role_of(User.objects.get(username="ann")) == Role.ANALYST
    entries = AuditEntry.objects.filter(kind="account", subject="ann").order_by("pk")
    assert [(entry.who, entry.act, entry.after) for entry in entries] == [
        ("root", "make", {"role": "Analyst"}), ("not logged in", "set the password", {}),
    ]  # fmt: skip


def test_a_name_that_is_taken_is_refused_beside_the_field(administrator: Client) -> None:
    answer = administrator.post(PAGE, {"username": "root", "role": int(Role.ANALYST)})
    assert answer.status_code == 400
    assert "already exists" in answer.content.decode()


def test_a_role_is_changed_and_the_change_recorded(administrator: Client) -> None:
    ann = person(Role.ANALYST, "ann")
    assert "ann is now: Operator" in act(administrator, ann, "role", role=int(Role.OPERATOR))
    assert role_of(User.objects.get(pk=ann.pk)) == Role.OPERATOR
    entry = AuditEntry.objects.get(kind="account", act="change role")
    assert (entry.before, entry.after) == ({"role": "Analyst"}, {"role": "Operator"})
    assert "must be one of those" in act(administrator, ann, "role", role=9)
    superuser = User.objects.create_superuser("old")
    act(administrator, superuser, "role", role=int(Role.ANALYST))
    assert role_of(User.objects.get(pk=superuser.pk)) == Role.ANALYST


def test_a_closed_account_is_out_at_once(administrator: Client) -> None:
    theirs = logged_in(Role.OPERATOR, "ann")
    ann = User.objects.get(username="ann")
    assert "is closed" in act(administrator, ann, "close")
    assert theirs.get("/console/").status_code == 302
    assert "is open" in act(administrator, ann, "open")
    assert theirs.get("/console/").status_code == 200


def test_nobody_takes_their_own_rights_away(administrator: Client) -> None:
    root = User.objects.get(username="root")
    for words in (("close", {}), ("role", {"role": int(Role.ANALYST)})):
        assert "another administrator" in act(administrator, root, words[0], **words[1])
    assert role_of(User.objects.get(pk=root.pk)) == Role.ADMINISTRATOR


def test_lost_codes_are_removed(administrator: Client) -> None:
    ann = person(Role.OPERATOR, "ann")
    TOTPDevice.objects.create(user=ann, name="phone", confirmed=True)
    assert "password alone" in act(administrator, ann, "remove_codes")
    assert not TOTPDevice.objects.exists()


def test_few_queries_however_many_people(
    administrator: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    User.objects.bulk_create(User(username=f"user-{number}") for number in range(200))
    with django_assert_max_num_queries(15):
        administrator.get(PAGE)
