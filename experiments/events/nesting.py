"""JSON that is nested too deeply for a parser: what lies deeper becomes null, the rest is kept."""

import re

MAX_DEPTH = 64  # an event lies at a depth of 3
# A string, up to the end of a text that breaks off in it, or one bracket.
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[][{}]', re.DOTALL)


def without_deep_values(text: bytes) -> bytes:
    """Return JSON with null for every array and object that lies deeper than `MAX_DEPTH`."""
    parts, depth, kept_from = [], 0, 0
    for token in _TOKEN.finditer(text):
        if token[0] in b"[{":
            depth += 1
            if depth == MAX_DEPTH + 1:
                parts += [text[kept_from : token.start()], b"null"]
        elif token[0] in b"]}":
            if depth == MAX_DEPTH + 1:
                kept_from = token.end()
            depth -= 1
    if depth <= MAX_DEPTH:
        parts.append(text[kept_from:])
    return b"".join(parts)
