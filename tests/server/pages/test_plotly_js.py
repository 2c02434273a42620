"""The charts' script is plotly's own small one, of the version that the figures are made for."""

import re
from pathlib import Path

import plotly
from django.contrib.staticfiles import finders

NAME = "plotly/plotly-basic.min.js"


def version(script: Path) -> str:
    found = re.search(
        r"plotly\.js (?:\(basic - minified\) )?v([\d.]+)", script.read_text(encoding="utf-8")[:5000]
    )
    assert found is not None
    return found[1]


def test_it_is_of_the_installed_packages_version() -> None:
    script = finders.find(NAME)
    assert script is not None
    packaged = Path(plotly.__file__).parent / "package_data/plotly.min.js"
    assert version(Path(script)) == version(packaged)


def test_it_is_small_enough_to_go_into_a_file_and_cannot_end_a_script() -> None:
    text = Path(str(finders.find(NAME))).read_text(encoding="utf-8")
    assert len(text) < 1_300_000
    assert "</script" not in text
