"""Requests into private networks are not made, whatever name leads there."""

import socket
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from experiments.webhooks import network
from experiments.webhooks.network import AddressError, allowed_address, post, problem
from tests.experiments.webhooks.receiver import listening

PRIVATE = ("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.1",
           "100.64.0.1", "::1", "fe80::1%lo", "fd00::1", "::ffff:127.0.0.1")  # fmt: skip


def resolve(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def found(*_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 443)) for each in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", found)


@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_that_leads_into_a_private_network_is_refused(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    resolve(monkeypatch, "93.184.215.14", address)
    with pytest.raises(AddressError, match="in a private network: nothing is sent there"):
        allowed_address("shop.example", 443)


def test_a_public_one_is_taken_as_it_was_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve(monkeypatch, "93.184.215.14")
    assert allowed_address("shop.example", 443) == "93.184.215.14"


def test_a_name_without_an_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(AddressError, match=r"there is no host 'nobody.invalid'"):
        allowed_address("nobody.invalid", 443)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://shop.example/", "must be an address such as https"),
        ("ftp://shop.example/", "must be an address such as https"),
        ("https:///path", "must be an address such as https"),
        ("https://shop.example:99999/", "is no address"),
        ("https://me:secret@shop.example/", "leave it out"),
        ("https://shop.example/told", ""),
    ],
)
def test_an_address_is_judged_by_its_text(url: str, said: str) -> None:
    assert said in problem(url)
    assert bool(said) == bool(problem(url))


def test_http_is_allowed_with_the_private_network(settings: Settings) -> None:
    settings.WEBHOOKS_PRIVATE = True
    assert problem("http://127.0.0.1:8080/told") == ""


def test_a_receiver_is_reached_at_the_address_that_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with listening() as receiver:
        # The name means nothing after the look-up: the connection goes to the address.
        monkeypatch.setattr(network, "allowed_address", lambda *_: "127.0.0.1")
        url = receiver.url.replace("127.0.0.1", "shop.example")
        answer = post(url, b"{}", {"X-Word": "hello"})
        ((headers, body),) = receiver.came
    assert (answer.status, answer.text, body) == (200, "noted", b"{}")
    assert headers["Host"].startswith("shop.example:")
    assert headers["X-Word"] == "hello"
