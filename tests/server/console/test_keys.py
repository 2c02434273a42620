"""The page of keys."""

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from experiments.access_keys import issue, personal_token
from experiments.models import AccessKey
from server.roles import Role
from tests.server.people import person

pytestmark = pytest.mark.django_db
PAGE = "/console/keys/"
SITE = {
    "kind": "site",
    "site-name": "shop",
    "site-origins": "https://shop.example\nhttp://b.example",
}
TOKEN = {"kind": "token", "token-name": "notebook", "token-scopes": ["read"], "token-days": "30"}


def secret(page: str) -> str:
    found = re.search(r'<code class="secret">(.*)</code>', page)
    assert found is not None
    return found[1]


def test_a_sites_key_is_shown_once(console: Client) -> None:
    answer = console.post(PAGE, SITE)
    assert "no-store" in answer["Cache-Control"]
    text = secret(answer.content.decode())
    key = AccessKey.objects.get()
    assert (key.scopes, key.origins) == (["embed"], ["http://b.example", "https://shop.example"])
    page = console.get(PAGE).content.decode()
    assert text not in page
    assert key.hint in page


def test_a_token_acts_as_who_makes_it(console: Client, admin_user: User) -> None:
    token = personal_token(secret(console.post(PAGE, TOKEN).content.decode()))
    assert token is not None
    assert (token.user, token.scopes) == (admin_user, ["read"])
    assert token.expires_at is not None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (SITE | {"site-origins": "shop"}, "origin == &#x27;shop&#x27;, must look like"),
        (SITE | {"site-days": "0"}, "days == 0, must be from 1 to 3650"),
        (TOKEN | {"token-scopes": []}, "This field is required."),
        (TOKEN | {"token-scopes": ["fly"]}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    console: Client, typed: dict[str, object], said: str
) -> None:
    answer = console.post(PAGE, typed)
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not AccessKey.objects.exists()


def test_a_key_is_revoked(console: Client) -> None:
    key, _ = issue("shop", ["embed"])
    page = console.post(f"{PAGE}{key.pk}/revoke/", follow=True).content.decode()
    assert "is revoked: it opens nothing any more" in page
    again = console.post(f"{PAGE}{key.pk}/revoke/", follow=True).content.decode()
    assert "is revoked already" in again


def test_an_analyst_sees_no_other_ones_token_and_needs_a_right_for_sites(client: Client) -> None:
    ann = person(Role.ANALYST, "ann")
    bea = person(Role.ANALYST, "bea")
    of_ann, _ = issue("of ann", ["read"], user=ann)
    of_site, _ = issue("shop", ["embed"])
    client.force_login(bea)
    page = client.get(PAGE).content.decode()
    assert "of ann" not in page
    assert "A key for a site" not in page
    assert client.post(f"{PAGE}{of_ann.pk}/revoke/").status_code == 404
    assert client.post(f"{PAGE}{of_site.pk}/revoke/").status_code == 403
    assert client.post(PAGE, SITE).status_code == 403
    bea.user_permissions.add(Permission.objects.get(codename="add_accesskey"))
    assert client.post(PAGE, SITE).status_code == 200


def test_few_queries_however_many_keys(
    console: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(50):
        issue(f"key {number}", ["embed"])
    with django_assert_max_num_queries(15):
        console.get(PAGE)


def test_strangers_are_asked_to_log_in(client: Client) -> None:
    assert client.get(PAGE).status_code == 302
    assert client.post(PAGE, SITE).status_code == 403
    assert not AccessKey.objects.exists()
