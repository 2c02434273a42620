"""Pages of other sites: let in by their site's key and origin, refused otherwise."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from experiments.access_keys import issue, revoke
from experiments.models import AccessKey, Event, Rejection
from experiments.serving import feed
from tests.experiments.world import BROWSER, make_experiment

pytestmark = pytest.mark.django_db
SHOP, THIRD = "https://shop.example", "https://third.example"


@pytest.fixture
def key() -> str:
    make_experiment()
    _, text = issue("shop", ["embed"], origins=[SHOP, "https://m.shop.example"])
    feed.refresh()
    return text


def page_of(origin: str) -> Client:
    return Client(headers={"origin": origin, "user-agent": BROWSER})


def test_a_page_of_the_site_asks_and_tells(key: str) -> None:
    shop = page_of(SHOP)
    shown = shop.get(f"/api/feed?viewer=ann&key={key}")
    assert (shown.status_code, shown["Access-Control-Allow-Origin"]) == (200, SHOP)
    assert shown["Vary"] == "Origin"
    assert "Access-Control-Allow-Credentials" not in shown
    events = [{"token": slot["token"], "step": "click"} for slot in shown.json()["slots"]]
    told = shop.post(f"/api/events?key={key}", json.dumps({"events": events}), "text/plain")
    assert (told.json()["accepted"], told["Access-Control-Allow-Origin"]) == (3, SHOP)


@pytest.mark.parametrize("origin", [THIRD, "null", f"{SHOP}.third.example", "http://shop.example"])
def test_a_page_of_a_third_site_is_refused_and_counted(key: str, origin: str) -> None:
    token = feed.slots("ann").slots[0].token
    third = page_of(origin)
    shown = third.get(f"/api/feed?viewer=ann&key={key}")
    assert shown.status_code == 403
    assert f"origin == '{origin}', must be one that the site's key names" in shown.json()["error"]
    body = json.dumps({"events": [{"token": token, "step": "click"}]})
    told = third.post(f"/api/events?key={key}", body, "text/plain")
    assert told.status_code == 403
    assert "Access-Control-Allow-Origin" not in told
    assert not Event.objects.exists()
    assert list(Rejection.objects.values_list("reason", "sample")) == [("origin", origin)]


def test_without_a_key_no_other_page_is_let_in(key: str) -> None:
    assert page_of(SHOP).get("/api/feed?viewer=ann").status_code == 403


def test_own_pages_and_programs_need_none(key: str) -> None:
    own = Client(headers={"origin": "http://localhost:8000", "host": "localhost:8000"})
    assert own.get("/api/feed?viewer=ann").status_code == 200
    assert Client().get("/api/feed?viewer=ann").status_code == 200
    assert Client().get(f"/api/feed?viewer=ann&key={key}").status_code == 200


@pytest.mark.parametrize("end", ["revoked", "expired", "unknown", "personal"])
def test_a_key_that_opens_nothing_is_refused_for_programs_too(
    key: str, end: str, admin_user: object
) -> None:
    if end == "revoked":
        revoke(AccessKey.objects.get())
    elif end == "expired":
        AccessKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif end == "personal":
        key = issue("mine", ["embed"], user=admin_user)[1]  # type: ignore[arg-type]
    feed.refresh()
    text = "coverlift_unknown" if end == "unknown" else key
    for client in (page_of(SHOP), Client()):
        answer = client.get(f"/api/feed?viewer=ann&key={text}")
        assert answer.status_code == 403
        assert "neither revoked nor expired" in answer.json()["error"]


def test_a_browser_that_asks_first_is_told(key: str) -> None:
    answer = page_of(SHOP).options(f"/api/events?key={key}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["Access-Control-Allow-Origin"] == SHOP
    assert answer["Access-Control-Allow-Headers"] == "Content-Type"
    assert page_of(THIRD).options(f"/api/events?key={key}").status_code == 403
    assert not Rejection.objects.exists()


def test_too_many_parameters_are_refused() -> None:
    answer = Client().get("/api/feed?" + "&".join(f"p{i}=1" for i in range(21)))
    assert (answer.status_code, answer.json()["error"]) == (400, "there are over 20 parameters")
