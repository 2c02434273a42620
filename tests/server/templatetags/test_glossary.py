"""Words that pages explain: each is the glossary's, and its meaning is found by what reads it."""

import re
from pathlib import Path

import pytest
from django.template import engines
from django.test import Client

from server.glossary import meanings
from server.templatetags.glossary import unexplained
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
def test_each_word_of_a_page_leads_to_its_own_meaning(client: Client) -> None:
    counted_study()
    page = client.get("/dashboards/pilot/").content.decode()
    described = re.findall(r'aria-describedby="(term-\d+)"', page)
    assert len(described) == len(set(described)) > 8
    assert re.findall(r'role="tooltip" id="(term-\d+)"', page) == described


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["", "pilot/", "pilot/videos/", "decisions/"])
def test_a_page_leaves_no_word_of_statistics_unexplained(client: Client, address: str) -> None:
    counted_study()
    whole = client.get(f"/dashboards/{address}").content.decode()
    page = whole.partition("<main")[2].partition("</main>")[0]
    assert unexplained(page) == []
    assert ('data-term="guardrail"' in page) == ("guardrail" in page.lower())


def test_words_are_found_in_what_a_reader_sees_alone() -> None:
    page = "<p title='margin'>Two horizons</p><script>verdict</script>"
    assert unexplained(page) == ["horizon"]
    shown = "{% load glossary %}{% explaining %}<p>a verdict, a horizon{% term 'horizon' %}</p>"
    html = engines["django"].from_string(shown + "{% endexplaining %}").render()
    assert html.count('data-term="horizon"') == html.count('data-term="verdict"') == 1
