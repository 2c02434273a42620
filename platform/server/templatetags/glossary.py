"""Words that a page explains on hover and on keyboard focus, from docs/glossary.md."""

import re
from functools import cache
from itertools import count

from django import template
from django.template.base import NodeList, Parser, Token
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from server.glossary import analysts_words, meanings

register = template.Library()
_numbers = count(1)  # two places of one page may explain the same word
_UNREAD = re.compile(
    r"<script.*?</script>|<style.*?</style>|<span class=\"tip\".*?</span>"
    r"|<dl class=\"explains\".*?</dl>|<[^>]+>",
    re.DOTALL,
)
_EXPLAINED = re.compile(r'data-term="([^"]+)"')


@register.simple_tag
def term(word: str, shown: str = "") -> SafeString:
    """Return a word of the glossary, with its meaning beside it.

    Args:
        word: as the glossary has it, in any case of letters.
        shown: in its place, where the page says it otherwise.
    """
    return format_html(
        '<span class="term" tabindex="0" data-term="{word}" aria-describedby="term-{number}">'
        '{shown}</span><span class="tip" role="tooltip" id="term-{number}">{said}</span>',
        number=next(_numbers),
        word=word.lower(),
        shown=shown or word,
        said=meanings()[word.lower()],
    )


@register.tag
def explaining(parser: Parser, _token: Token) -> "_Explaining":
    """End a part of a page with the words of the glossary that it uses and does not explain."""
    inside = parser.parse(("endexplaining",))
    parser.delete_first_token()
    return _Explaining(inside)


class _Explaining(template.Node):
    """A part of a page, and the words in it."""

    def __init__(self, inside: NodeList) -> None:
        self.inside = inside

    def render(self, context: template.Context) -> SafeString:
        """Return the part, then its words."""
        page = self.inside.render(context)
        words = unexplained(page)
        if not words:
            return page
        listed = format_html_join(" · ", "{}", ((term(word),) for word in words))
        return mark_safe(  # noqa: S308  both are made by templates
            f'{page}<p class="words no-print"><strong>Words used here:</strong> {listed}</p>'
        )


def unexplained(page: str) -> list[str]:
    """Return the analysts' words that a page uses and does not explain, by the alphabet."""
    used = {word.lower() for word in _pattern().findall(_UNREAD.sub(" ", page))}
    left = used - set(_EXPLAINED.findall(page))
    return sorted((word for word in analysts_words() if word.lower() in left), key=str.lower)


@cache
def _pattern() -> re.Pattern[str]:
    words = "|".join(map(re.escape, analysts_words()))
    return re.compile(rf"\b({words})(?:s|es)?\b", re.IGNORECASE)
