"""The first account of a new site, made by whoever has the code that its machine printed.

The code has 128 random bits, works once, is replaced by the next, and is kept as a digest alone.
"""

import hashlib
import secrets

from django.contrib.auth.models import User
from django.db import transaction

from experiments.errors import CoverliftError
from server.models import FirstOperatorCode

CODE_BYTES = 16


class FirstOperatorError(CoverliftError):
    """The first account cannot be made."""


class WrongCodeError(FirstOperatorError):
    """The code is not the one that was printed last."""


def is_wanted() -> bool:
    """Tell whether the site has no account yet."""
    return not User.objects.exists()


@transaction.atomic
def new_code() -> str | None:
    """Return a new code in place of any before; None where the site has an account."""
    FirstOperatorCode.objects.all().delete()
    if not is_wanted():
        return None
    code = secrets.token_urlsafe(CODE_BYTES)
    FirstOperatorCode.objects.create(digest=_digest(code))
    return code


@transaction.atomic
def make(code: str, username: str, password: str) -> User:
    """Make the first account, who may do everything; of two at once, one is told that it is late.

    Raises:
        WrongCodeError: for any other code.
        FirstOperatorError: where there is an account.
    """
    kept = FirstOperatorCode.objects.select_for_update().filter(digest=_digest(code)).first()
    if not is_wanted():
        raise FirstOperatorError("the first account has been made: log in")
    if kept is None:
        raise WrongCodeError(
            "this is not the code that was printed last: each start of the site prints a new one"
        )
    kept.delete()
    return User.objects.create_superuser(username, password=password)


def _digest(code: str) -> str:
    return hashlib.sha256(code.strip().encode()).hexdigest()
