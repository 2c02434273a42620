"""The card that lies beside a weights file: what it says to people, in words."""

import re

from thumbnailer.selection.parts.checkpoint import SHIPPED

CAUTION = re.compile(r"^\| caution \| (.+) \|$", re.MULTILINE)


def caution(kind: str) -> str:
    """Return what the card of these weights warns of; "" where it warns of nothing.

    All doors say this one line: notes of thumbnails, pages and tables.
    """
    found = CAUTION.search((SHIPPED / f"{kind}.md").read_text(encoding="utf-8"))
    return found[1] if found else ""
