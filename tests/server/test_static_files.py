"""Addresses of the site's own files follow from their content."""

import hashlib
from pathlib import Path

from django.templatetags.static import static

FOLDER = Path(__file__).parents[2] / "platform/server/static"


def test_an_address_names_the_content() -> None:
    for name in ("coverlift/site.css", "coverlift/feed.js"):
        digest = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()
        assert static(name) == f"/static/{name}?{digest[:12]}"


def test_a_file_that_is_not_there_has_a_plain_address() -> None:
    assert static("none.css") == "/static/none.css"
