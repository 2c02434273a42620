"""Words that a page explains on hover and on keyboard focus, from docs/glossary.md."""

from itertools import count

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from server.glossary import meanings

register = template.Library()
_numbers = count(1)  # two places of one page may explain the same word


@register.simple_tag
def term(word: str, shown: str = "") -> SafeString:
    """Return a word of the glossary, with its meaning beside it.

    Args:
        word: as the glossary has it, in any case of letters.
        shown: in its place, where the page says it otherwise.
    """
    return format_html(
        '<span class="term" tabindex="0" aria-describedby="term-{number}">{shown}</span>'
        '<span class="tip" role="tooltip" id="term-{number}">{said}</span>',
        number=next(_numbers),
        shown=shown or word,
        said=meanings()[word.lower()],
    )
