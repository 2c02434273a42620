"""The page as HTML; the pictures lie beside it."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

from thumbnailer.contact_sheet.sheet import Choice, Sheet

HEAD = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Contact sheet</title>
<style>
body { font: 14px/1.4 system-ui, sans-serif; margin: 1rem; color: #222; background: #fff }
h2 { margin: 2rem 0 0 }
img { display: block }
.strip { max-width: 100%; margin: .3rem 0 }
.choices { display: flex; flex-wrap: wrap; gap: 1rem }
.choice { border: 1px solid #ccc; padding: .5rem; max-width: 75rem }
figure { margin: 0 }
figure img { max-width: 190px }
.pictures { display: flex; flex-wrap: wrap; gap: .4rem; align-items: start }
.fault { color: #b00020; font-weight: 600 }
small { color: #555 }
</style>
<h1>Contact sheet</h1>
"""


def page(sheets: Sequence[Sheet]) -> str:
    """Return the whole page."""
    return HEAD + _summary(sheets) + "".join(_section(sheet) for sheet in sheets)


def _summary(sheets: Sequence[Sheet]) -> str:
    choices = [choice for sheet in sheets for choice in sheet.choices]
    faulty = sum(any(fault for _, fault in choice.shots) for choice in choices)
    return (
        f"<p>{len(sheets)} files, {len(choices)} choices, "
        f'<span class="fault">{faulty}</span> of them with a cut or a dark or flat picture.</p>\n'
    )


def _section(sheet: Sheet) -> str:
    if not sheet.strip:
        return f'<h2>{escape(sheet.name)}</h2><p class="fault">{escape(sheet.about)}</p>\n'
    choices = "".join(_choice(choice) for choice in sheet.choices)
    return (
        f"<h2>{escape(sheet.name)}</h2><small>{escape(sheet.about)}</small>\n"
        f'<img class="strip" src="{quote(sheet.strip)}" alt="one picture a second">\n'
        f'<div class="choices">{choices}</div>\n'
    )


def _choice(choice: Choice) -> str:
    shots = ", ".join(_shot(start_s, fault) for start_s, fault in choice.shots)
    pictures = "".join(_picture(each) for each in choice.pictures)
    return (
        f'<div class="choice"><b>{escape(choice.selector)}</b> at {shots} '
        f"<small>{escape(choice.sizes)}. {escape(choice.note)}</small>\n"
        f'<div class="pictures"><img src="{quote(choice.frames)}" alt="frames of the shots">'
        f"{pictures}</div></div>\n"
    )


def _picture(name: str) -> str:
    kind = Path(name).suffix.removeprefix(".")
    return f'<figure><img src="{quote(name)}" alt=""><small>{escape(kind)}</small></figure>'


def _shot(start_s: float, fault: str) -> str:
    shown = f"{start_s:.4g} s"
    return f'{shown} <span class="fault">({escape(fault)})</span>' if fault else shown
