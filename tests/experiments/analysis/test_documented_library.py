"""The examples of docs/analysis.md are run, one after the other, and say what stands there."""

import doctest
from pathlib import Path

import pytest

from tests.experiments.analysis.report.cast import counted_study

pytestmark = pytest.mark.django_db
DOCUMENT = Path(__file__).resolve().parents[3] / "docs/analysis.md"


def test_the_examples_say_what_the_document_has() -> None:
    counted_study()
    text = DOCUMENT.read_text(encoding="utf-8")
    examples = doctest.DocTestParser().get_doctest(text, {}, DOCUMENT.name, str(DOCUMENT), 0)
    assert text.count("```pycon") == 3
    assert len(examples.examples) >= 15
    said: list[str] = []
    found = doctest.DocTestRunner(verbose=False, optionflags=doctest.NORMALIZE_WHITESPACE).run(
        examples, out=said.append
    )
    assert found.failed == 0, "".join(said)
