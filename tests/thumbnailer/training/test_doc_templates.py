from pathlib import Path

import pytest

from thumbnailer.errors import BadTrainingDataError
from thumbnailer.training.doc_templates import fill_documents, filled

DOCUMENT = "a\n<!-- figures: x -->\nold\n<!-- end -->\nb\n<!-- figures: y -->\n<!-- end -->\n"


def test_places_are_filled_and_filled_again() -> None:
    figures = {"x": lambda: "1", "y": lambda: "2\n3"}
    once = filled(DOCUMENT, figures, Path("a.md"))
    wanted = DOCUMENT.replace("old", "1").replace("figures: y -->\n", "figures: y -->\n2\n3\n")
    assert once == wanted
    assert filled(once, figures, Path("a.md")) == once


def test_an_unknown_place_is_named_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text(DOCUMENT)
    with pytest.raises(BadTrainingDataError, match=r"b.md: figures: y must be one of x"):
        fill_documents(tmp_path, {"x": str})


def test_a_document_without_places_stays(tmp_path: Path) -> None:
    (tmp_path / "c.md").write_text("nothing")
    fill_documents(tmp_path, {})
    assert (tmp_path / "c.md").read_text() == "nothing"
