"""The look of each arm, the same in every chart: a colour, and a mark and a dash besides.

Colours are near those of Okabe & Ito (2008), which the colour-blind tell apart; orange, blue and
purple are darker, so that each has a contrast of 3:1 on the light ground and on the dark one. The
control is a grey. As in site.css.
"""

COLOURS = ("#848b98", "#c57f00", "#009e73", "#cc6da0", "#2e8fd0", "#d55e00")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


def colour_of(index: int) -> str:
    """Return the colour of an arm."""
    return COLOURS[index % len(COLOURS)]


def symbol_of(index: int) -> str:
    """Return the mark of an arm's points, as plotly names it."""
    return SYMBOLS[index % len(SYMBOLS)]


def dash_of(index: int) -> str:
    """Return the dash of an arm's lines, as plotly names it."""
    return DASHES[index % len(DASHES)]
