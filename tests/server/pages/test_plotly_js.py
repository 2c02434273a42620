"""The charts' script comes out of the installed package."""

from pathlib import Path

import plotly
from django.contrib.staticfiles import finders
from django.test import Client

PACKAGED = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"


def test_the_script_is_the_installed_packages_own() -> None:
    assert finders.find("plotly.min.js") == str(PACKAGED)
    assert finders.find("plotly.min.js", find_all=True) == [str(PACKAGED)]


def test_nothing_else_of_the_package_is_served() -> None:
    assert finders.find("datasets/iris.csv.gz") is None
    assert finders.find("widgetbundle.js", find_all=True) == []


def test_a_browser_gets_the_script(client: Client) -> None:
    answer = client.get("/static/plotly.min.js")
    assert answer.status_code == 200
    assert answer.getvalue() == PACKAGED.read_bytes()
