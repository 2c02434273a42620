"""Signatures, checked by the very example that the document gives."""

import pytest

from experiments.webhooks.signing import signature
from tests.experiments.webhooks.verifying import documented_check

NOW_S = 1_780_000_000


def test_a_genuine_message_passes_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    is_genuine = documented_check()
    monkeypatch.setattr("time.time", lambda: NOW_S + 10)
    body = b'{"kind": "webhook.tried"}'
    header = signature("whsec_a", body, NOW_S)
    assert is_genuine("whsec_a", header, body)
    assert not is_genuine("whsec_b", header, body)
    assert not is_genuine("whsec_a", header, body + b" ")
    assert not is_genuine("whsec_a", header.replace(f"t={NOW_S}", f"t={NOW_S + 1}"), body)
    assert not is_genuine("whsec_a", signature("whsec_a", body, NOW_S - 400), body)


def test_the_scheme_is_hmac_sha256_of_seconds_and_body() -> None:
    # printf '1.a' | openssl dgst -sha256 -hmac key
    expected = "32a5f52f8b585db06b5960c1b30992c0575588cf6343eeb646efa5bfd9ca5a17"
    assert signature("key", b"a", 1) == f"t=1,v1={expected}"
