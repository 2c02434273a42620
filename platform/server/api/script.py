"""The script of pages, without its comments and blanks: it is fetched by every viewer."""

from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from rjsmin import jsmin

from server.api.doors import Answer

SOURCE = Path(__file__).resolve().parents[1] / "static/coverlift/coverlift.js"
HEADERS = {
    "Content-Type": "text/javascript; charset=utf-8",
    # It has one address for ever, which stands in other sites' pages: a new one is there in time.
    "Cache-Control": "public, max-age=600",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
}
ONLY_GET = Answer(
    HTTPStatus.METHOD_NOT_ALLOWED, {"error": "the script is asked for by GET"}, {"Allow": "GET"}
)


def give_script(environ: Mapping[str, Any]) -> Answer:
    """Answer with the script; it is the same for everybody."""
    if environ["REQUEST_METHOD"] != "GET":
        return ONLY_GET
    return Answer(HTTPStatus.OK, _script(), HEADERS)


@cache
def _script() -> bytes:
    return str(jsmin(SOURCE.read_text())).encode()
