"""A token proves what was signed, and nothing else passes."""

import base64
import hmac

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from experiments.errors import ExperimentError, TokenError
from experiments.events.keys import impression_id
from experiments.events.tokens import CLOCK_SKEW_MS, Impression, Signer, viewer_number
from experiments.surface import Surface

NOW_MS = 500_000_000_000
LIFETIME_S = 3600
SIGNER = Signer(["2:new", "1:old"], LIFETIME_S)
IMPRESSIONS = st.builds(
    Impression,
    id=st.builds(
        impression_id, st.integers(NOW_MS - LIFETIME_S * 1000, NOW_MS + CLOCK_SKEW_MS),
        st.integers(0, 1023), st.integers(0, 511),
    ),
    viewer=st.integers(0, 2**63 - 1),
    video=st.integers(0, 2**31 - 1),
    experiment=st.integers(0, 2**31 - 1),
    phase=st.integers(0, 2**15 - 1),
    arm=st.integers(0, 255),
    position=st.integers(0, 2**16 - 1),
    propensity=st.floats(0, 1, width=32),
    surface=st.sampled_from(Surface),
)  # fmt: skip
SHOWN = Impression(impression_id(NOW_MS, 3, 4), 2**63 - 1, 5, 6, 1, 2, 29, 0.5)
TOKEN = SIGNER.sign(SHOWN)


def refusal(token: str, now_ms: int = NOW_MS, signer: Signer = SIGNER) -> str:
    with pytest.raises(TokenError) as caught:
        signer.verify(token, now_ms)
    return caught.value.reason


@given(IMPRESSIONS)
def test_gives_back_what_was_signed(shown: Impression) -> None:
    assert SIGNER.verify(SIGNER.sign(shown), NOW_MS) == shown


@given(st.integers(0, len(TOKEN) - 1), st.characters())
def test_any_changed_letter_is_refused(place: int, letter: str) -> None:
    assume(letter != TOKEN[place])
    changed = TOKEN[:place] + letter + TOKEN[place + 1 :]
    assert refusal(changed) in {"forged", "malformed", "unknown_key", "truncated"}


@given(st.integers(0, len(TOKEN) - 1))
def test_a_cut_token_is_refused(length: int) -> None:
    assert refusal(TOKEN[:length]) in ({"truncated"} if length > 1 else {"malformed"})


@given(st.text(max_size=200))
def test_any_other_text_is_refused(text: str) -> None:
    assume(text != TOKEN)
    assert refusal(text)


CHANGED = st.builds(
    lambda place, letter: TOKEN[:place] + letter + TOKEN[place + 1 :],
    st.integers(0, len(TOKEN) - 1),
    st.sampled_from("=.A2é"),
)
TOKENS = (
    IMPRESSIONS.map(SIGNER.sign)
    | IMPRESSIONS.map(Signer(["1:old"], LIFETIME_S).sign)
    | IMPRESSIONS.map(lambda shown: SIGNER.sign(replace(shown, id=shown.id & 2**50 - 1)))
    | CHANGED
    | st.integers(0, len(TOKEN) - 1).map(lambda length: TOKEN[:length])
    | st.just(TOKEN[:-2] + "==")
    | st.text(max_size=80)
)


@given(st.lists(TOKENS, max_size=4) | st.lists(IMPRESSIONS.map(SIGNER.sign), max_size=4))
def test_many_tokens_prove_what_each_does_alone(tokens: list[str]) -> None:
    for token, found in zip(tokens, SIGNER.verify_all(tokens, NOW_MS), strict=True):
        if isinstance(found, TokenError):
            assert (found.reason, found.experiment) == _refused(token)
        else:
            assert found == SIGNER.verify(token, NOW_MS)


def _refused(token: str) -> tuple[str, int | None]:
    with pytest.raises(TokenError) as caught:
        SIGNER.verify(token, NOW_MS)
    return caught.value.reason, caught.value.experiment


def test_no_token_speaks_for_its_neighbour() -> None:
    """A letter that moves from one to the other leaves what they hold together the same."""
    longer, shorter = TOKEN + TOKEN[-1], TOKEN[:-1]
    found = SIGNER.verify_all([longer, shorter, TOKEN], NOW_MS)
    assert [isinstance(each, TokenError) for each in found] == [True, True, False]
    one, other = TOKEN, SIGNER.sign(replace(SHOWN, position=3))
    swapped = [one[:-22] + other[-22:], other[:-22] + one[-22:]]
    assert all(isinstance(each, TokenError) for each in SIGNER.verify_all(swapped, NOW_MS))


def test_reasons_have_names() -> None:
    assert refusal(Signer(["2:guessed"], LIFETIME_S).sign(SHOWN)) == "forged"
    assert refusal("1" + TOKEN[1:]) == "forged"
    assert refusal("9" + TOKEN[1:]) == "unknown_key"
    assert refusal(TOKEN, NOW_MS + LIFETIME_S * 1000 + 1) == "expired"
    assert refusal(TOKEN, NOW_MS - CLOCK_SKEW_MS - 1) == "future"
    assert refusal(TOKEN + "AAAA") == "malformed"
    assert refusal("no dot") == "malformed"


def test_old_keys_verify_until_they_are_taken_away() -> None:
    old = Signer(["1:old"], LIFETIME_S).sign(SHOWN)
    assert SIGNER.verify(old, NOW_MS) == SHOWN
    assert SIGNER.sign(SHOWN).startswith("2.")
    assert refusal(old, signer=Signer(["2:new"], LIFETIME_S)) == "unknown_key"


def test_a_token_of_another_layout_is_refused() -> None:
    raw = base64.urlsafe_b64decode(TOKEN.partition(".")[2])
    other = base64.urlsafe_b64encode(b"\2" + raw[1:]).decode()
    assert refusal(f"2.{other}") == "forged"


@pytest.mark.parametrize("keys", [[], ["no secret"], ["1:"], [":secret"], ["a b:secret"]])
def test_refuses_keys_without_id_or_secret(keys: list[str]) -> None:
    with pytest.raises(ExperimentError, match="must"):
        Signer(keys, LIFETIME_S)


def test_refuses_two_keys_of_one_id() -> None:
    """One of them would be dropped, and the tokens that it signed be refused."""
    with pytest.raises(ExperimentError, match="a new key needs a new id"):
        Signer(["1:new", "1:old"], LIFETIME_S)


@given(st.text(min_size=1, max_size=50))
def test_a_viewers_number_is_stable_and_keyed(viewer: str) -> None:
    number = viewer_number(viewer, "key")
    assert 0 <= number < 2**63
    assert number == viewer_number(viewer, "key") != viewer_number(viewer, "other key")


@pytest.mark.parametrize("secret", ["short", "x" * 64, "longer than a block of SHA-256 " * 9])
def test_the_mac_is_hmac_sha_256(secret: str) -> None:
    signed = base64.urlsafe_b64decode(Signer([f"7:{secret}"], LIFETIME_S).sign(SHOWN)[2:])
    mac = hmac.digest(secret.encode(), b"7." + signed[:34], "sha256")
    assert signed[34:] == mac[:17]
