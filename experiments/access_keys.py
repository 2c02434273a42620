"""Access keys: made, found by their text, and revoked; docs/api.md says what each opens.

A text is shown once, when it is made. It holds 256 random bits, so a plain SHA-256 keeps it: there
is nothing to guess that a slow hash would protect.
"""

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from experiments.audit import record_act
from experiments.errors import InvalidValuesError, StateError
from experiments.models import AccessKey
from experiments.scope import Scope

PREFIX = "coverlift_"  # by which programs that look for lost secrets know one
SECRET_BYTES, HINT_CHARS, NAME_CHARS = 32, 16, 100
MAX_DAYS, MAX_ORIGINS = 3650, 100
_HOST = re.compile(r"[a-z0-9.-]+|\[[0-9a-f:.]+\]")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@transaction.atomic
def issue(
    name: str,
    scopes: Sequence[str],
    *,
    origins: Sequence[str] = (),
    user: User | None = None,
    days: int | None = None,
) -> tuple[AccessKey, str]:
    """Make a key.

    Args:
        name: where it is used, for people.
        scopes: what it opens, see `Scope`; without a user embed alone.
        origins: whose pages may use it to embed.
        user: as whom it acts.
        days: until it expires; None for never.

    Returns:
        The key, and its text: it is kept nowhere.

    Raises:
        InvalidValuesError: for a value that cannot be.
    """
    name, origins = name.strip(), [normal_origin(origin) for origin in origins]
    problems = _problems(name, scopes, origins, user, days)
    if problems:
        raise InvalidValuesError(problems)
    text = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    key = AccessKey.objects.create(
        name=name,
        user=user,
        scopes=sorted(set(scopes)),
        origins=sorted(set(origins)),
        hint=text[:HINT_CHARS],
        digest=digest_of(text),
        expires_at=None if days is None else timezone.now() + timedelta(days=days),
    )
    record_act("key", key.hint, "issue", after=_standing(key))
    return key, text


@transaction.atomic
def revoke(key: AccessKey) -> None:
    """Let a key open nothing from now on; pages hear of it within 5 s.

    Raises:
        StateError: where it is revoked already.
    """
    key = AccessKey.objects.select_for_update().get(pk=key.pk)
    if key.revoked_at is not None:
        raise StateError(f"the key {key.hint} is revoked already")
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at"])
    record_act("key", key.hint, "revoke", before=_standing(key))


def personal_token(text: str) -> AccessKey | None:
    """Return the personal token of this text, where it opens anything now."""
    found = valid().filter(digest=digest_of(text), user__is_active=True)
    return found.select_related("user").first()


def valid() -> QuerySet[AccessKey]:
    """Return the keys that are neither revoked nor expired."""
    lasting = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return AccessKey.objects.filter(lasting, revoked_at=None)


def digest_of(text: str) -> str:
    """Return the hash by which a key is known."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def normal_origin(text: str) -> str:
    """Return an origin as browsers send it: lower case, no path, no port that goes without saying.

    What is none is returned as it is; `issue` says so.
    """
    try:
        parts = urlsplit(text.strip().lower().rstrip("/"))
        port = parts.port
    except ValueError:
        return text
    if parts.path or parts.query or parts.fragment or parts.username is not None:
        return text
    ends = "" if port in {None, _DEFAULT_PORTS.get(parts.scheme)} else f":{port}"
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}{ends}"


def _is_origin(text: str) -> bool:
    scheme, _, rest = text.partition("://")
    host = rest if rest.endswith("]") else re.sub(r":\d+$", "", rest)
    return scheme in _DEFAULT_PORTS and bool(_HOST.fullmatch(host))


def _problems(
    name: str, scopes: Sequence[str], origins: Sequence[str], user: User | None, days: int | None
) -> dict[str, str]:
    found = {
        "name": ""
        if 1 <= len(name) <= NAME_CHARS
        else f"name has {len(name)} characters, must have 1 to {NAME_CHARS}",
        "scopes": _scopes_problem(scopes, user),
        "origins": _origins_problem(scopes, origins),
        "days": ""
        if days is None or 1 <= days <= MAX_DAYS
        else f"days == {days}, must be from 1 to {MAX_DAYS}",
    }
    return {field: problem for field, problem in found.items() if problem}


def _scopes_problem(scopes: Sequence[str], user: User | None) -> str:
    known = [scope.value for scope in Scope]
    unknown = sorted(set(scopes) - set(known))
    if unknown or not scopes:
        return f"scopes == {', '.join(unknown) or 'none'}, must be of {', '.join(known)}"
    if user is None and set(scopes) != {Scope.EMBED}:
        return "a key without a user opens embed alone: read and manage need a user"
    return ""


def _origins_problem(scopes: Sequence[str], origins: Sequence[str]) -> str:
    wrong = [origin for origin in origins if not _is_origin(origin)]
    if wrong:
        return f"origin == {wrong[0][:200]!r}, must look like https://example.org"
    if len(origins) > MAX_ORIGINS:
        return f"{len(origins)} origins, must be at most {MAX_ORIGINS}"
    if origins and Scope.EMBED not in scopes:
        return "origins are for keys that embed: give it the scope embed, or no origins"
    return ""


def _standing(key: AccessKey) -> dict[str, object]:
    return {
        "name": key.name,
        "user": key.user.get_username() if key.user else "",
        "scopes": key.scopes,
        "origins": key.origins,
        "expires_at": key.expires_at and key.expires_at.isoformat(),
    }
