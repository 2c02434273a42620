"""The words of docs/glossary.md, for pages that explain them where they stand."""

import re
from functools import cache

from django.conf import settings

GLOSSARY = "docs/glossary.md"
ROW = re.compile(r"^\| (?P<terms>[^|]+) \| (?P<said>[^|]+) \|$", re.MULTILINE)
END = "\n## Words decided"  # where rows say what a word was before
ANALYSTS = ("Who sees what", "What it means")  # the parts that an analyst's page may speak of


@cache
def meanings() -> dict[str, str]:
    """Return what each word means, by the word in small letters."""
    return {word.lower(): said for word, said in _of(_text()).items()}


@cache
def written() -> dict[str, str]:
    """Return each word as the glossary writes it, by the word in small letters."""
    return {word.lower(): word for word in _of(_text())}


@cache
def analysts_words() -> tuple[str, ...]:
    """Return the words of experiments and statistics as they are written, the longest first."""
    parts = {part.partition("\n")[0]: part for part in _text().split("\n## ")}
    words = [word for heading in ANALYSTS for word in _of(parts[heading])]
    return tuple(sorted(words, key=len, reverse=True))


def _text() -> str:
    return (settings.ROOT / GLOSSARY).read_text(encoding="utf-8").partition(END)[0]


def _of(text: str) -> dict[str, str]:
    return {
        word: row["said"].strip()
        for row in ROW.finditer(text)
        for word in re.split(r", | \(|\)", row["terms"])
        if word
    }
