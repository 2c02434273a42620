"""Facts about viewers in words and on every door."""

from html import unescape
from math import nan
from typing import Any

import pytest
from django.test import Client

from experiments.analysis.report.build import build
from experiments.analysis.report.document import as_document
from experiments.analysis.report.text import as_text
from experiments.analysis.report.viewer_facts import (
    Overlap,
    ViewerFacts,
    by_first_views,
    concentration,
    seen_elsewhere,
    viewer_facts,
)
from experiments.models import TwoWayError
from tests.experiments.analysis.report.cast import counted_study

OTHER = {"slug": "other", "viewers": 12, "of_viewers": 90, "pairs": 40}
NOTHING = ViewerFacts(nan, nan, nan, (), ())


def estimate(value: float | None, low: float | None, high: float | None) -> dict[str, Any]:
    reason = "" if value is not None else "no views"
    return {"value": value, "low": low, "high": high, "level": 0.95, "reason": reason}


LINES = [
    {"arm": "raw", "units": 900, "clicks": 45, "mean_ctr": estimate(0.05, 0.04, 0.06),
     "improvement": None, "p_value": None},
    {"arm": "gevaden", "units": 910, "clicks": 60, "mean_ctr": estimate(0.06, 0.05, 0.07),
     "improvement": estimate(0.2, 0.1, 0.3), "p_value": 0.002},
    {"arm": "late", "units": 0, "clicks": 0, "mean_ctr": estimate(None, None, None),
     "improvement": estimate(None, None, None), "p_value": None},
]  # fmt: skip


@pytest.mark.django_db
def test_every_door_says_what_was_computed() -> None:
    experiment = counted_study()
    TwoWayError.objects.create(
        experiment=experiment, watermark=0, took_s=1, sums=9, comparisons=[], units=1000,
        busiest_share=0.131, views_of_pairs=1.84, first_views=LINES,
        overlaps=[OTHER, {"slug": "apart", "viewers": 0, "of_viewers": 90, "pairs": 0}],
    )  # fmt: skip
    report = build(experiment)
    page = unescape(Client().get("/dashboards/pilot/").content.decode())
    for said in (" ".join(as_text(report).split()), page.replace("\N{NO-BREAK SPACE}", " ")):
        assert "The busiest 1 % of the viewers make 13 % of the views." in said
        assert "saw it 1.84 times on average" in said
        assert "raw 5.00 %; gevaden 6.00 %, +20.0 % (+10.0 to +30.0 %, p = 0.002); late" in said
        assert (
            "12 of 90 viewers (13.3 %) were seen in other, too, 40 times with the same video"
            in said
        )
        assert "apart" not in said.replace("keep experiments apart", "")
    document = Client().get("/api/v1/reports/pilot").json()["viewers"]
    assert document == as_document(report)["viewers"]
    assert document["first_views"][1]["improvement"]["high"] == 0.3
    assert document["overlaps"][0] == OTHER


@pytest.mark.django_db
def test_figures_of_one_look_are_kept_for_the_planned_end() -> None:
    line = {"arm": "gevaden", "improvement": 0.2, "low": 0.1, "high": 0.3, "level": 0.95,
            "p_value": 0.002, "reason": ""}  # fmt: skip
    for ended in (True, False):
        experiment = counted_study(slug=f"ended-{ended}", ended=ended)
        TwoWayError.objects.create(
            experiment=experiment, watermark=0, took_s=1, sums=9, comparisons=[line], units=1000,
            views_of_pairs=1.84, first_views=LINES,
        )  # fmt: skip
        said = " ".join(as_text(build(experiment)).split())
        assert "gevaden 6.00 %, +20.0 %" in said
        assert ("p = 0.002" in said) == ended
        assert ("at once: gevaden +20.0 %" in said) == ended


def test_nothing_is_said_before_it_is_known() -> None:
    assert viewer_facts(None) is None
    for facts in (None, NOTHING, ViewerFacts(nan, nan, 1.0, (), (Overlap("apart", 0, 9, 0),))):
        assert concentration(facts) == ""
        assert by_first_views(facts, once=True) == ""
        assert seen_elsewhere(facts) == ""
