"""The words of docs/glossary.md, for pages that explain them where they stand."""

import re
from functools import cache

from django.conf import settings

GLOSSARY = "docs/glossary.md"
ROW = re.compile(r"^\| (?P<terms>[^|]+) \| (?P<said>[^|]+) \|$", re.MULTILINE)
END = "\n## Words decided"  # where rows say what a word was before


@cache
def meanings() -> dict[str, str]:
    """Return what each word means, by the word in small letters."""
    text = (settings.ROOT / GLOSSARY).read_text(encoding="utf-8").partition(END)[0]
    return {
        word: row["said"].strip()
        for row in ROW.finditer(text)
        for word in re.split(r", | \(|\)", row["terms"].lower())
        if word
    }
