"""Words that pages explain: each is the glossary's, and its meaning is found by what reads it."""

import re
from pathlib import Path

import pytest
from django.template import engines
from django.test import Client
from django.utils.html import escape
from django.utils.text import slugify

from server.glossary import meanings
from server.templatetags.glossary import explained, used
from tests.experiments.analysis.report.cast import counted_study

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
TERM = re.compile(r'{% term "([^"]+)"')


def test_every_word_that_a_template_explains_is_in_the_glossary() -> None:
    named = {
        word.lower()
        for path in TEMPLATES.rglob("*.html")
        for word in TERM.findall(path.read_text(encoding="utf-8"))
    }
    assert len(named) > 10
    assert named - meanings().keys() == set()


def test_words_have_the_meaning_of_their_row() -> None:
    assert meanings()["p alone"] == meanings()["p adjusted"]
    assert "clicks over views" in meanings()["ctr"]
    assert "traffic shares" in meanings()
    assert "two_way" not in meanings()  # a word decided, which is no meaning


def test_a_word_may_be_said_otherwise() -> None:
    html = engines["django"].from_string('{% load glossary %}{% term "ctr" "rate" %}').render()
    assert ">rate</span>" in html
    assert meanings()["ctr"] in html


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["", "pilot/", "pilot/videos/", "decisions/"])
def test_a_page_leaves_no_word_of_statistics_unexplained(client: Client, address: str) -> None:
    counted_study()
    whole = client.get(f"/dashboards/{address}").content.decode()
    page, _, listed = whole.partition("<main")[2].partition("<summary>Words used here")
    for word in used(page):
        assert f'<dd id="term-{slugify(word)}">' in listed
    described = re.findall(r'aria-describedby="(term-[^"]+)"', page)
    assert described
    ids = re.findall(r' id="(term-[^"]+)"', listed)
    assert len(ids) == len(set(ids))
    assert set(described) <= set(ids)


@pytest.mark.django_db
def test_sentences_explain_a_word_where_it_first_stands(client: Client) -> None:
    counted_study()
    page = client.get("/dashboards/pilot/").content.decode()
    headline = re.findall(r'<p class="headline[^"]*">(.*?)</p>', page, re.DOTALL)[0]
    assert headline.startswith('<span class="term"')
    assert f'data-said="{escape(meanings()["verdict"])}"' in headline
    assert page.partition("<summary>Words")[0].count('data-term="verdict"') == 1


def test_words_are_found_in_what_a_reader_sees_alone() -> None:
    page = "<p title='margin'>Two horizons</p><script>verdict</script>"
    assert used(page) == {"horizon"}
    assert explained(page).count("<span") == 1


def test_what_is_pressed_or_is_a_name_stays_as_it_is() -> None:
    for page in (
        "<a href='#'>The verdict</a>",
        '<th scope="row"><span></span>verdict</th>',
        '<span class="badge good">verdict</span>',
        '<p class="crumbs"><a href="#">All</a> / verdict</p>',
        "<details><summary>A</summary><p>verdict</p></details>",
        '<span class="term" tabindex="0">verdict</span>',
    ):
        assert explained(page) == page
        after = explained(f"{page}<p>The pooled\nCTR, the CTRs</p>")
        assert re.findall('data-term="([^"]+)"', after.removeprefix(page)) == ["pooled ctr", "ctr"]
        assert ">CTRs</span>" in after
