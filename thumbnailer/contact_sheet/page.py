"""The page as HTML; the pictures lie beside it."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

from thumbnailer.contact_sheet.section import Chosen, Section

HEAD = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Contact sheet</title>
<style>
body { font: 14px/1.4 system-ui, sans-serif; margin: 1rem; color: #222; background: #fff }
h2 { margin: 2rem 0 0 }
img { display: block }
.storyboard { max-width: 100%; margin: .3rem 0 }
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


def page(sections: Sequence[Section]) -> str:
    """Return the whole page."""
    return HEAD + _summary(sections) + "".join(_section(section) for section in sections)


def _summary(sections: Sequence[Section]) -> str:
    chosen = [each for section in sections for each in section.chosen]
    faulty = sum(any(fault for _, fault in each.shots) for each in chosen)
    return (
        f"<p>{len(sections)} files, {len(chosen)} choices, "
        f'<span class="fault">{faulty}</span> of them with a cut or a dark or flat picture.</p>\n'
    )


def _section(section: Section) -> str:
    if not section.storyboard:
        return f'<h2>{escape(section.name)}</h2><p class="fault">{escape(section.about)}</p>\n'
    choices = "".join(_chosen(each) for each in section.chosen)
    return (
        f"<h2>{escape(section.name)}</h2><small>{escape(section.about)}</small>\n"
        f'<img class="storyboard" src="{quote(section.storyboard)}" alt="one picture a second">\n'
        f'<div class="choices">{choices}</div>\n'
    )


def _chosen(chosen: Chosen) -> str:
    shots = ", ".join(_shot(start_s, fault) for start_s, fault in chosen.shots)
    pictures = "".join(_picture(each) for each in chosen.pictures)
    return (
        f'<div class="choice"><b>{escape(chosen.selector)}</b> at {shots} '
        f"<small>{escape(chosen.sizes)}. {escape(chosen.note)}</small>\n"
        f'<div class="pictures"><img src="{quote(chosen.frames)}" alt="frames of the shots">'
        f"{pictures}</div></div>\n"
    )


def _picture(name: str) -> str:
    kind = Path(name).suffix.removeprefix(".")
    return f'<figure><img src="{quote(name)}" alt=""><small>{escape(kind)}</small></figure>'


def _shot(start_s: float, fault: str) -> str:
    shown = f"{start_s:.4g} s"
    return f'{shown} <span class="fault">({escape(fault)})</span>' if fault else shown
