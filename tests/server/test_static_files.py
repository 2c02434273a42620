"""Addresses of the site's own files follow from their content."""

import gzip
import hashlib
from pathlib import Path

from django.templatetags.static import static
from django.test import Client

from server.pages.exports import PLOTLY

FOLDER = Path(__file__).parents[2] / "platform/server/static"


def test_an_address_names_the_content() -> None:
    for name in ("coverlift/site.css", "coverlift/feed.js"):
        digest = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()
        assert static(name) == f"/static/{name}?{digest[:12]}"


def test_a_file_that_is_not_there_has_a_plain_address() -> None:
    assert static("none.css") == "/static/none.css"


def test_what_has_its_digest_in_its_name_is_sent_compressed_and_kept_for_years(
    client: Client,
) -> None:
    plain = (FOLDER / PLOTLY).read_bytes()
    assert hashlib.sha256(plain).hexdigest()[:12] == PLOTLY.split(".")[-3]
    assert gzip.decompress((FOLDER / f"{PLOTLY}.gz").read_bytes()) == plain
    answer = client.head(f"/static/{PLOTLY}", headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert int(answer["Content-Length"]) < 400_000
    age_s = int(answer["Cache-Control"].partition("max-age=")[2].partition(",")[0])
    assert age_s >= 365 * 24 * 3600
    other = client.head("/static/coverlift/site.css")
    assert "immutable" not in other["Cache-Control"]


def test_pages_load_the_script_that_exports_hold() -> None:
    partial = (FOLDER.parents[2] / "templates/partials/plotly.html").read_text()
    assert f"'{PLOTLY}'" in partial
