"""Words that a page explains on hover and on keyboard focus, from docs/glossary.md."""

import re
from collections.abc import Iterator
from functools import cache

from django import template
from django.template.base import NodeList, Parser, Token
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

from server.glossary import analysts_words, meanings, written

register = template.Library()
# What is not read at once is passed over whole: a chart's numbers are most of a page.
_TOKENS = re.compile(r"(<(script|style|details)\b.*?</\2>|<[^>]*>)", re.DOTALL)
_TAG = re.compile(r"<(/?)([a-z0-9]+)")
# What a reader follows, presses or opens is not to be pressed for anything else.
_LEFT_ALONE = {"a", "abbr", "button", "form", "h1", "h2", "h3", "noscript", "pre"}
_EXPLAINED = '<span class="term"'
# What begins so is a name, a mark, or explained already; and what ends it.
_NO_SENTENCE = {
    _EXPLAINED: "</span>",
    '<span class="badge': "</span>",
    '<th scope="row"': "</th>",
    '<p class="crumbs"': "</p>",
}


@register.simple_tag
def term(word: str, shown: str = "") -> SafeString:
    """Return a word of the glossary with its meaning, which the sheet shows beside it.

    Screen readers find the meaning in the list at the end of the part that explains.

    Args:
        word: as the glossary has it, in any case of letters.
        shown: in its place, where the page says it otherwise.
    """
    return format_html(
        _EXPLAINED + ' tabindex="0" data-term="{word}" data-said="{said}" '
        'aria-describedby="{id}">{shown}</span>',
        id=_id_of(word),
        word=word.lower(),
        shown=shown or word,
        said=meanings()[word.lower()],
    )


@register.tag
def explaining(parser: Parser, _token: Token) -> "_Explaining":
    """Explain the glossary's words in a part of a page where each first stands, and at its end."""
    inside = parser.parse(("endexplaining",))
    parser.delete_first_token()
    return _Explaining(inside)


class _Explaining(template.Node):
    """A part of a page, and the words in it."""

    def __init__(self, inside: NodeList) -> None:
        self.inside = inside

    def render(self, context: template.Context) -> SafeString:
        """Return the part with its words explained, then the list of all of them."""
        page = explained(self.inside.render(context))
        words = sorted({*_named(page), *used(page)})
        if not words:
            return mark_safe(page)  # noqa: S308  both are made by templates
        rows = [(_id_of(word), written()[word], meanings()[word]) for word in words]
        return mark_safe(page + render_to_string("partials/words.html", {"words": rows}))  # noqa: S308


def used(page: str) -> set[str]:
    """Return the analysts' words that a page uses, in small letters."""
    pieces = (piece for piece, is_text in _pieces(page) if is_text)
    return {_plain(word) for word in _pattern().findall(" ".join(pieces))}


def explained(page: str) -> str:
    """Return a page with the analysts' words explained where each first stands in a sentence."""
    met: set[str] = set()

    def mark(match: re.Match[str]) -> str:
        word = _plain(match[1])
        if word in met:
            return match[0]
        met.add(word)
        return term(word, mark_safe(match[0]))  # noqa: S308  it is the page's own

    return "".join(
        _pattern().sub(mark, piece) if is_open else piece
        for (piece, _), is_open in zip(_pieces(page), _open(page), strict=True)
    )


def _pieces(page: str) -> Iterator[tuple[str, bool]]:
    """Yield the tags of a page and what stands between them, and whether it is that."""
    end = 0
    for tag in _TOKENS.finditer(page):
        yield page[end : tag.start()], True
        yield tag[0], False
        end = tag.end()
    yield page[end:], True


def _open(page: str) -> Iterator[bool]:
    """Yield of each piece whether it is a sentence, in which a word may be explained."""
    inside, until = 0, ""
    for piece, is_text in _pieces(page):
        if not is_text:
            until = "" if piece == until else until or _end_of(piece)
            tag = _TAG.match(piece)
            if tag and tag[2] in _LEFT_ALONE:
                inside += -1 if tag[1] else 1
        yield is_text and not inside and not until


def _end_of(tag: str) -> str:
    return next((end for begin, end in _NO_SENTENCE.items() if tag.startswith(begin)), "")


def _named(page: str) -> list[str]:
    """Return the words that are explained where they stand, in small letters."""
    return re.findall(r'data-term="([^"]+)"', page)


def _id_of(word: str) -> str:
    return f"term-{slugify(word)}"


def _plain(word: str) -> str:
    return " ".join(word.lower().split())


@cache
def _pattern() -> re.Pattern[str]:
    words = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in analysts_words())
    return re.compile(rf"\b({words})(?:s|es)?\b", re.IGNORECASE)
