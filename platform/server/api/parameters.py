"""Parameters of an address at the doors of pages."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

MAX_PARAMETERS = 20
MAX_VIEWER_CHARS = 200
Parameters = Mapping[str, str]


class ParameterError(ValueError):
    """A parameter of the address that cannot be meant; its message is for the caller."""


def parameters(environ: Mapping[str, Any]) -> Parameters:
    """Return the parameters of the address; of one that is given twice, the last."""
    text = environ.get("QUERY_STRING", "").encode("latin-1").decode(errors="replace")
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_PARAMETERS))
    except ValueError as error:
        raise ParameterError(f"there are over {MAX_PARAMETERS} parameters") from error


def whole(given: Parameters, name: str, *, default: int, minimum: int, maximum: int) -> int:
    """Return a whole number.

    Raises:
        ParameterError: where it is none, or out of bounds.
    """
    text = given.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ParameterError(f"{name} == {text[:40]!r}, must be a whole number")
    number = int(text)
    if not minimum <= number <= maximum:
        raise ParameterError(f"{name} == {number}, must be from {minimum} to {maximum}")
    return number


def viewer_named(given: Parameters) -> tuple[str, str]:
    """Return the viewer's text and the user's; one of them may be empty.

    Raises:
        ParameterError: where both are, or one is too long.
    """
    viewer, user = given.get("viewer", ""), given.get("user", "")
    for name, text, least in (("viewer", viewer, 0 if user else 1), ("user", user, 0)):
        if not least <= len(text) <= MAX_VIEWER_CHARS:
            raise ParameterError(
                f"{name} has {len(text)} characters, must have {least} to {MAX_VIEWER_CHARS}"
            )
    return viewer, user
