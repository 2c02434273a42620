"""Signed impression tokens: the proof that this site showed that arm to that viewer.

A token is ``<key id>.<base64url of 34 bytes of fields and 17 bytes of HMAC-SHA-256>``; the MAC
covers the key id too. A client that changes a byte, or makes a token up, is refused by name. Keys
are given newest first as ``id:secret``: the first signs, all verify, so that keys can be rotated.
"""

import binascii
import hashlib
import hmac
import re
import struct
from collections.abc import Sequence
from typing import Any

import msgspec

from experiments.errors import ExperimentError, TokenError
from experiments.events.keys import key_ms
from experiments.surface import Surface

VERSION = 1
# Version, impression, viewer, video, experiment, phase and surface, arm, position, propensity.
_FIELDS = struct.Struct(">BQQIIHBHf")
_MAC_BYTES = 17  # 34 + 17 bytes fill base64 to the last bit: any changed letter is refused
_SIGNED = struct.Struct(f"{_FIELDS.format}{_MAC_BYTES}s")
_TEXT_CHARS = _SIGNED.size * 4 // 3
_SURFACE_SHIFT = 15  # above a phase's number, which Postgres keeps below 2^15
_LAST_PHASE = (1 << _SURFACE_SHIFT) - 1
_SURFACES = (Surface.FEED, Surface.RELATED)
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,16}")
_STANDARD_LETTERS = bytes.maketrans(b"-_", b"+/")
_URL_LETTERS = bytes.maketrans(b"+/", b"-_")
CLOCK_SKEW_MS = 60_000  # how far two of the site's machines may disagree


class Impression(msgspec.Struct, frozen=True, gc=False):
    """One video shown, or to be shown, to one viewer; its time is in its id.

    Attributes:
        id: impression id, see `experiments.events.keys`.
        viewer: the viewer's number in [0, 2^63).
        video: the video's primary key.
        experiment: the experiment's primary key.
        phase: number of the phase that assigned the arm.
        arm: the arm's index.
        position: place on the page, from 0.
        propensity: probability with which this arm was chosen.
        surface: where it is shown; positions are those of this surface.
    """

    id: int
    viewer: int
    video: int
    experiment: int
    phase: int
    arm: int
    position: int
    propensity: float
    surface: Surface = Surface.FEED


class _Key:
    """One key; what HMAC (RFC 2104) makes of it before a message comes is kept."""

    def __init__(self, key: str) -> None:
        self.id, secret = _parse_key(key)
        block = hashlib.sha256().block_size
        short = secret if len(secret) <= block else hashlib.sha256(secret).digest()
        padded = short.ljust(block, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded))
        self._inner.update(f"{self.id}.".encode())
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))

    def mac(self, fields: bytes) -> bytes:
        """Return the MAC of the key's id, a dot and the fields."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(fields)
        outer.update(inner.digest())
        return outer.digest()[:_MAC_BYTES]


class Signer:
    """Signs and verifies tokens with a list of keys."""

    def __init__(self, keys: Sequence[str], lifetime_s: int) -> None:
        parsed = [_Key(key) for key in keys]
        self._keys = {key.id: key for key in parsed}
        if not parsed:
            raise ExperimentError("TOKEN_KEYS is empty, must hold at least one id:secret")
        if len(self._keys) < len(parsed):
            raise ExperimentError("two token keys have one id: a new key needs a new id")
        self._signing = parsed[0]
        self._lifetime_ms = lifetime_s * 1000

    def sign(self, shown: Impression) -> str:
        """Return the impression's token."""
        fields = _FIELDS.pack(
            VERSION,
            shown.id,
            shown.viewer,
            shown.video,
            shown.experiment,
            shown.phase | shown.surface << _SURFACE_SHIFT,
            shown.arm,
            min(shown.position, 0xFFFF),
            shown.propensity,
        )
        signed = binascii.b2a_base64(fields + self._signing.mac(fields), newline=False)
        return f"{self._signing.id}.{signed.translate(_URL_LETTERS).decode()}"

    def verify(self, token: str, now_ms: int) -> Impression:
        """Return what a token proves.

        Args:
            token: the text that a client sent.
            now_ms: the present, in ms since 2010.

        Raises:
            TokenError: with the reason, see there.
        """
        key, signed = self._open(token)
        (shown,) = self._proven(key, signed, now_ms)
        return shown

    def verify_all(self, tokens: Sequence[str], now_ms: int) -> list[Impression | TokenError]:
        """Return of each token what it proves, or why it proves nothing.

        Those of a page are signed by one key, and all well: they are unpacked in one go.
        """
        try:
            return [*self._proven(*self._open_alike(tokens), now_ms)]
        except TokenError:
            return [self._verdict(token, now_ms) for token in tokens]

    def _verdict(self, token: str, now_ms: int) -> Impression | TokenError:
        try:
            return self.verify(token, now_ms)
        except TokenError as error:
            return error

    def _open(self, token: str) -> tuple[_Key, bytes]:
        key_id, dot, text = token.partition(".")
        if not dot:
            raise TokenError("malformed")
        key = self._keys.get(key_id)
        if key is None:
            raise TokenError("unknown_key" if _KEY_ID.fullmatch(key_id) else "malformed")
        signed = _decode(text)
        if len(signed) != _SIGNED.size:
            raise TokenError("truncated" if len(signed) < _SIGNED.size else "malformed")
        return key, signed

    def _open_alike(self, tokens: Sequence[str]) -> tuple[_Key, bytes]:
        """Return the key of tokens that look alike, and what each holds, one after the other."""
        head = tokens[0][:-_TEXT_CHARS] if tokens else ""
        size = len(head) + _TEXT_CHARS
        texts = [
            token[-_TEXT_CHARS:]
            for token in tokens
            if len(token) == size and token.startswith(head)
        ]
        key = self._keys.get(head[:-1])
        signed = _decode("".join(texts))
        if key is None or head[-1:] != "." or len(signed) != len(tokens) * _SIGNED.size:
            raise TokenError("malformed")
        return key, signed

    def _proven(self, key: _Key, signed: bytes, now_ms: int) -> list[Impression]:
        """Return what tokens of one key prove, all of them."""
        found = [*_SIGNED.iter_unpack(signed)]
        starts = range(0, len(signed), _SIGNED.size)
        macs = [key.mac(signed[start : start + _FIELDS.size]) for start in starts]
        if not hmac.compare_digest(b"".join(macs), b"".join([values[-1] for values in found])):
            raise TokenError("forged")
        return [self._valid(values, now_ms) for values in found]

    def _valid(self, values: tuple[Any, ...], now_ms: int) -> Impression:
        version, number, viewer, video, experiment, phase, arm, position, propensity, _ = values
        if version != VERSION:
            raise TokenError("malformed")
        age_ms = now_ms - key_ms(number)
        if not -CLOCK_SKEW_MS <= age_ms <= self._lifetime_ms:
            raise TokenError("expired" if age_ms > 0 else "future", experiment)
        surface = _SURFACES[phase >> _SURFACE_SHIFT]
        phase &= _LAST_PHASE
        return Impression(
            number, viewer, video, experiment, phase, arm, position, propensity, surface
        )


def viewer_number(viewer: str, secret: str) -> int:
    """Return a viewer's number in [0, 2^63): a keyed hash, so that the text is never stored."""
    digest = hmac.digest(secret.encode(), viewer.encode(errors="surrogatepass"), "sha256")
    return int.from_bytes(digest[:8], "big") >> 1


def person_number(user: str, secret: str) -> int:
    """Return the number of a person whom the site knows by an id of its own, as of a viewer."""
    return viewer_number(f"user {user}", secret)


def _parse_key(key: str) -> tuple[str, bytes]:
    key_id, _, secret = key.partition(":")
    if not _KEY_ID.fullmatch(key_id) or not secret:
        raise ExperimentError(
            f"the token key with id {key_id!r} must look like id:secret, "
            "the id of 1 to 16 letters, digits, - or _"
        )
    return key_id, secret.encode()


def _decode(text: str) -> bytes:
    try:
        raw = text.encode("ascii").translate(_STANDARD_LETTERS)
        return binascii.a2b_base64(raw + b"=" * (-len(raw) % 4), strict_mode=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        # Cut text of a length that base64 cannot have is cut text all the same.
        short = len(text) * 3 // 4 < _SIGNED.size and text.isascii()
        raise TokenError("truncated" if short else "malformed") from error
