"""Plotly figures as SVG: drawn by a browser without a window, from files at hand."""

import html
import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import plotly.graph_objects as go

from experiments.errors import NoteError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--virtual-time-budget=20000", "--dump-dom",
)  # fmt: skip
PATIENCE_S = 120
BEGIN, END = "<pre>", "</pre>"
_PAGE = """<!doctype html><meta charset="utf-8"><script src="{plotly}"></script><script>
async function draw(figure) {{
  const place = document.body.appendChild(document.createElement("div"));
  await Plotly.newPlot(place, figure.data, figure.layout, {{staticPlot: true}});
  const {{width, height}} = figure.layout;
  const url = await Plotly.toImage(place, {{format: "svg", width, height}});
  return decodeURIComponent(url.slice(url.indexOf(",") + 1));
}}
addEventListener("load", async () => {{
  const drawn = [];
  for (const figure of {figures}) drawn.push(await draw(figure));
  const text = document.createElement("pre");
  text.textContent = JSON.stringify(drawn);
  document.body.replaceChildren(text);
}});
</script><body></body>"""


def browser() -> str:
    """Return the path of a browser that can draw.

    Raises:
        NoteError: where there is none.
    """
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise NoteError(f"no browser to draw with: install one of {', '.join(BROWSERS)}")
    return found


def as_svgs(figures: Sequence[go.Figure]) -> list[str]:
    """Return figures, whose layouts have a width and a height, as SVG texts.

    Raises:
        NoteError: where no browser is found, or it draws nothing.
    """
    with TemporaryDirectory(prefix="coverlift-figures-") as folder:
        page = Path(folder) / "figures.html"
        drawings = ",".join(figure.to_json() for figure in figures).replace("</", "<\\/")
        page.write_text(
            _PAGE.format(plotly=_script().as_uri(), figures=f"[{drawings}]"), encoding="utf-8"
        )
        words = [browser(), *FLAGS, f"--user-data-dir={folder}/profile", page.as_uri()]
        # A browser keeps notes in the home folder too, whatever its profile.
        own = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), folder)
        done = subprocess.run(
            words, capture_output=True, timeout=PATIENCE_S, check=False, env={**os.environ, **own}
        )
    _, _, rest = done.stdout.decode().partition(BEGIN)
    drawn, found, _ = rest.partition(END)
    if not found:
        said = done.stderr.decode().strip().splitlines()[-1:]
        raise NoteError(f"the browser drew nothing: {said}")
    return [_named(svg, number) for number, svg in enumerate(json.loads(html.unescape(drawn)))]


def _named(svg: str, number: int) -> str:
    """Give the drawing's parts names that are the same every time: plotly's own are random."""
    for part, name in enumerate(dict.fromkeys(re.findall(r"(?:defs-|trace)([0-9a-f]{6})", svg))):
        svg = svg.replace(name, f"figure{number}-{part}")
    return svg + "\n"


def _script() -> Path:
    spec = find_spec("plotly")
    if spec is None or spec.origin is None:
        raise NoteError("plotly is not installed: run `make setup`")
    return Path(spec.origin).parent / "package_data" / "plotly.min.js"
