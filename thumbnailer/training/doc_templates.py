"""Documents in which a command writes the figures and people the rest.

What a command writes stands between two comments that no reader sees::

    <!-- figures: summary -->
    …
    <!-- end -->
"""

import re
from collections.abc import Callable
from pathlib import Path

from thumbnailer.errors import BadTrainingDataError

PLACE = re.compile(r"(<!-- figures: (?P<name>\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


def fill_documents(folder: Path, figures: dict[str, Callable[[], str]], *, but: str = "") -> None:
    """Write the figures anew into each document of a folder that has places for them.

    Args:
        folder: of Markdown documents.
        figures: what writes each place, by its name.
        but: name of a document that another command fills.

    Raises:
        BadTrainingDataError: where a place has a name that there are no figures for.
    """
    for path in sorted(folder.glob("*.md")):
        if path.name != but:
            fill_document(path, figures)


def fill_document(path: Path, figures: dict[str, Callable[[], str]]) -> None:
    """Write the figures anew into one document; errors are those of ``fill_documents``."""
    text = path.read_text(encoding="utf-8")
    path.write_text(filled(text, figures, path), encoding="utf-8")


def filled(text: str, figures: dict[str, Callable[[], str]], path: Path) -> str:
    """Return the text with every place filled; errors are those of ``fill_documents``."""

    def write(place: re.Match[str]) -> str:
        if (name := place["name"]) not in figures:
            raise BadTrainingDataError(
                f"{path}: figures: {name} must be one of {', '.join(figures)}"
            )
        return f"{place[1]}{figures[name]()}\n{place[3]}"

    return PLACE.sub(write, text)
