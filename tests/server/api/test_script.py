"""The script of pages: small, and whole."""

import gzip

from django.test import Client
from rjsmin import jsmin

from server.api.script import SOURCE

LIMIT_BYTES = 3_000


def test_the_script_is_small_and_every_page_may_have_it() -> None:
    answer = Client(headers={"origin": "https://shop.example"}).get("/embed/coverlift.js")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert len(gzip.compress(answer.content)) < LIMIT_BYTES
    assert answer.content.decode() == jsmin(SOURCE.read_text())
    assert Client().post("/embed/coverlift.js").status_code == 405
