"""Pages as a reader sees them."""

import re
from html import unescape

_MARKED = re.compile(r'<span class="term"[^>]*>(.*?)</span>', re.DOTALL)
_TAGS = re.compile(r"<script.*?</script>|<style.*?</style>|<[^>]+>", re.DOTALL)


def as_read(page: str) -> str:
    """Return a page's source with plain characters and spaces, its words without explanations."""
    return unescape(_MARKED.sub(r"\1", page)).replace("\N{NO-BREAK SPACE}", " ")


def in_one_line(page: str) -> str:
    """Return the text of a page without its source."""
    unmarked = _MARKED.sub(r"\1", page)  # before characters become tags
    return " ".join(unescape(_TAGS.sub(" ", unmarked)).replace("\N{NO-BREAK SPACE}", " ").split())
