"""Cautions: what is not known of a selector's model, for people who choose it as an arm.

The cards of the thumbnailer's weights say it. They are read as text: a web process has neither
torch nor the thumbnailer.
"""

import re
from functools import cache
from pathlib import Path

CARDS = Path(__file__).parents[1] / "thumbnailer" / "weights"
CAUTION = re.compile(r"^\| caution \| (.+) \|$", re.MULTILINE)
BUILT_ON = {"first_frame": "gevaden"}  # a selector that shows another's choice


def caution(selector: str) -> str:
    """Return what the card of the selector's weights warns of; "" where there is nothing."""
    return _cautions().get(BUILT_ON.get(selector, selector), "")


@cache
def _cautions() -> dict[str, str]:
    cards = {card.stem: card.read_text(encoding="utf-8") for card in CARDS.glob("*.md")}
    found = {selector: CAUTION.search(text) for selector, text in cards.items()}
    return {selector: match[1] for selector, match in found.items() if match}
