"""What is handed on has the report's own numbers, and needs nothing else."""

import csv
import io
import json
import re
from html import unescape
from math import isfinite, nan
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow.parquet as pq
import pytest
from django.core.management import call_command
from django.db.models import F
from django.test import Client

from experiments.analysis.report import sentences
from experiments.analysis.report.build import build
from experiments.analysis.report.formatting import (
    amount,
    interval,
    mean,
    p_value,
    percent,
    signed_percent,
)
from experiments.analysis.stats.results import Estimate
from experiments.metrics import Quantity
from experiments.models import DayCount, Experiment, Video
from tests.experiments.analysis.report.cast import (
    FOUR_VIDEOS,
    WATCHED_VIDEOS,
    add_day,
    counted_study,
)
from tests.reading import as_read, in_one_line

pytestmark = pytest.mark.django_db


@pytest.fixture
def experiment() -> Experiment:
    made = counted_study(WATCHED_VIDEOS, ended=False)
    add_day(made, FOUR_VIDEOS, day=1)
    DayCount.objects.update(watched_ms=F("clicks") * F("clicks") * 700)
    return made


def lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def number(text: str) -> float:
    return float(text or "nan")


def test_the_file_is_whole_small_and_asks_for_nothing(
    client: Client, experiment: Experiment
) -> None:
    answer = client.get("/dashboards/pilot/export.html")
    assert answer["Content-Disposition"] == 'attachment; filename="pilot.html"'
    text = answer.content.decode()
    assert len(answer.content) < 3_000_000
    page = text[: text.index("<script>")]
    assert re.findall(r'\b(?:src|href)="(?!#|data:)', page) == []
    report = build(experiment)
    assert sentences.headline(report) in as_read(page)
    held = re.findall(r'href="data:text/csv;charset=utf-8,([^"]+)" download="pilot-days.csv"', page)
    days = client.get("/dashboards/pilot/charts/days.csv").content.decode()
    assert [unquote(each) for each in held] == [days]
    drawn = re.findall(r'<script id="figure-(\w+)" type="application/json">', text)
    assert drawn == ["rates", "improvements", "bands", "videos", "days"]


def test_the_file_draws_what_the_page_draws(client: Client, experiment: Experiment) -> None:
    del experiment
    figure = re.compile(r'<script id="figure-rates" type="application/json">(.*?)</script>')
    found = [
        figure.search(client.get(address).content.decode())
        for address in ("/dashboards/pilot/", "/dashboards/pilot/export.html")
    ]
    page, file = (json.loads(each[1]) for each in found if each)
    assert page == file


def test_the_table_has_the_figures_of_every_arm(client: Client, experiment: Experiment) -> None:
    report = build(experiment)
    rows = lines(client.get("/dashboards/pilot/report.csv").content.decode())
    assert [row["arm"] for row in rows] == [arm.name for arm in report.arms]
    for row, arm in zip(rows, report.arms, strict=True):
        assert int(row["clicks"]) == arm.clicks
        assert float(row["mean_ctr_low"]) == arm.mean_ctr.low
        if arm.comparison is None:
            assert row["improvement"] == ""
        else:
            found = arm.comparison.simultaneous_improvement
            assert float(row["improvement"]) == found.value
            # The plan goes on from look to look, and its limits with it.
            high = found.high if isfinite(found.high) else nan  # no end is an empty cell
            assert number(row["improvement_high"]) == pytest.approx(high, abs=1e-4, nan_ok=True)
            adjusted = arm.comparison.p_value_adjusted
            assert number(row["p_adjusted"]) == pytest.approx(adjusted, rel=1e-3, nan_ok=True)


def test_every_count_is_in_the_parquet_file(client: Client, experiment: Experiment) -> None:
    gone = experiment.videos.order_by("pk")[3]
    Video.objects.get(pk=gone.pk).delete()
    answer = client.get("/dashboards/pilot/counts.parquet")
    table = pq.read_table(io.BytesIO(answer.content))
    assert table.num_rows == 2 * 3 * 4
    rows = table.to_pylist()
    assert {row["phase"] for row in rows} == {1}
    assert f"deleted-{gone.pk}" in {row["video"] for row in rows}
    for column, arm in enumerate(("raw", "re_seq2seq", "gevaden")):
        views = sum(row["views"] for row in rows if row["arm"] == arm)
        assert views == 2 * sum(video[column][0] for video in FOUR_VIDEOS)


def test_each_chart_has_its_numbers_as_a_table(client: Client, experiment: Experiment) -> None:
    report = build(experiment)
    page = unescape(client.get("/dashboards/pilot/").content.decode())
    assert page.count("The same as a table") == 5
    days = lines(client.get("/dashboards/pilot/charts/days.csv").content.decode())
    assert [(row["Day (UTC)"], int(row["clicks"])) for row in days] == [
        (str(row.start), row.clicks) for row in report.days
    ]
    bands = lines(client.get("/dashboards/pilot/charts/bands.csv").content.decode())
    assert len(bands) == 2 * 2
    missing = client.get("/dashboards/pilot/charts/funnel.csv")
    assert missing.status_code == 404


def test_the_command_gives_the_same(client: Client, experiment: Experiment) -> None:
    del experiment
    said = {form: io.StringIO() for form in ("csv", "html")}
    for form, out in said.items():
        call_command("report", "pilot", f"--{form}", stdout=out)
    table = client.get("/dashboards/pilot/report.csv").content.decode()
    assert said["csv"].getvalue().splitlines() == table.splitlines()
    assert said["html"].getvalue().startswith("<!doctype html>")


def test_an_experiment_with_wrong_rows_is_refused_in_a_sentence(
    client: Client, experiment: Experiment
) -> None:
    experiment.arms.all().delete()
    answer = client.get("/dashboards/pilot/report.csv")
    assert answer.status_code == 409
    assert "pilot cannot be reported on" in answer.content.decode()
    assert client.get("/dashboards/none/report.csv").status_code == 404


def test_every_door_has_the_same_numbers(client: Client, experiment: Experiment) -> None:
    out = io.StringIO()
    api = client.get("/api/v1/reports/pilot").json()
    call_command("report", "pilot", "--json", stdout=out)
    printed = json.loads(out.getvalue())
    for document in (api, printed):
        del document["made_at"]
    assert_same(printed, api)
    rows = lines(client.get("/dashboards/pilot/report.csv").content.decode())
    for row, arm in zip(rows, api["arms"], strict=True):
        for column, value in in_table(api, arm).items():
            if isinstance(value, str):
                assert row[column] == value
            else:
                expected = float("nan") if value is None else value
                assert number(row[column]) == pytest.approx(expected, rel=1e-3, nan_ok=True), column
        assert row.keys() == in_table(api, arm).keys()
    days = lines(client.get("/dashboards/pilot/charts/days.csv").content.decode())
    names = {arm["index"]: arm["name"] for arm in api["arms"]}
    assert [
        (row["Day (UTC)"], row["Arm"], *(float(row[name]) for name in ("views", "clicks", "CTR")))
        for row in days
    ] == [
        (day["day"], names[day["arm"]], day["views"], day["clicks"], day["ctr"])
        for day in api["days"]
    ]


def test_pages_file_and_text_show_every_figure_of_the_document(client: Client) -> None:
    """As a reader sees it, made of the API's number: a page that counts for itself would fail."""
    counted_study(WATCHED_VIDEOS)
    api = client.get("/api/v1/reports/pilot").json()
    doors = {
        name: in_one_line(client.get(f"/dashboards/pilot/{name}").content.decode())
        for name in ("", "export.html")
    }
    out = io.StringIO()
    call_command("report", "pilot", stdout=out)
    doors["text"] = " ".join(out.getvalue().split())
    said = [
        api["verdict"]["sentence"], api["headline"], api["stopping"]["sentence"],
        *api["funnel"]["said"], *api["prospects"]["said"],
    ]  # fmt: skip
    for door, shown in doors.items():
        for sentence in said:
            assert sentence in shown, door
        for arm in api["arms"]:
            for figure in figures_of(arm):
                assert figure in shown, (door, arm["name"], figure)
        for metric in api["metrics"]:
            for line in metric["arms"]:
                mean_of = line["mean"]["value"], Quantity(metric["quantity"])
                assert amount(*mean_of) in shown, (door, metric["name"])
                if line["change"]:
                    assert signed_percent(line["change"]["value"]) in shown, (door, metric["name"])
        assert p_value(api["srm"]["p_value"]) in shown, door


def figures_of(arm: dict[str, Any]) -> list[str]:
    """Return the figures of Table 3 in an arm's line, as they are shown."""
    rates = [Estimate(**arm[name]) for name in ("mean_ctr", "pooled_ctr")]
    shown = [mean(arm["mean_views"]["value"]), mean(arm["mean_clicks"]["value"])]
    shown += [percent(rate.value) for rate in rates]
    shown.append(interval(rates[0]))
    if line := arm["comparison"]:
        shown.append(signed_percent(line["improvement"]["value"]))
        shown.append(interval(Estimate(**line["simultaneous_improvement"]), 1, signed=True))
        shown += [
            p_value(line[name]).removeprefix("= ") for name in ("p_value", "p_value_adjusted")
        ]
    return shown


def in_table(api: dict[str, Any], arm: dict[str, Any]) -> dict[str, Any]:
    """Return a line of the table, by its columns, as the API has it."""
    ends = {
        f"{name}{end}": arm[name][limit]
        for name in ("mean_ctr", "pooled_ctr")
        for end, limit in (("", "value"), ("_low", "low"), ("_high", "high"))
    }
    line = arm["comparison"]
    found = line["simultaneous_improvement"] if line else dict.fromkeys(("value", "low", "high"))
    return {
        "experiment": api["experiment"]["slug"], "arm": arm["name"], "videos": arm["videos"],
        "views": arm["views"], "clicks": arm["clicks"], "mean_views": arm["mean_views"]["value"],
        "mean_clicks": arm["mean_clicks"]["value"], **ends, "improvement": found["value"],
        "improvement_low": found["low"], "improvement_high": found["high"],
        "p_adjusted": line and line["p_value_adjusted"], "p_alone": line and line["p_value"],
        "level": api["level"], "mode": api["mode"], "verdict": api["verdict"]["kind"],
    } | beside(api, arm["name"])  # fmt: skip


def beside(api: dict[str, Any], arm: str) -> dict[str, Any]:
    """Return the columns of the metrics beside the primary in an arm's line."""
    found: dict[str, Any] = {}
    for metric in api["metrics"]:
        line: dict[str, Any] = next((line for line in metric["arms"] if line["arm"] == arm), {})
        for of, estimate in (("", line.get("mean")), ("_change", line.get("change"))):
            for end, limit in (("", "value"), ("_low", "low"), ("_high", "high")):
                found[f"{metric['name']}{of}{end}"] = estimate and estimate[limit]
        found[f"{metric['name']}_p_adjusted"] = line.get("p_value_adjusted")
    return found


def assert_same(one: Any, other: Any, where: str = "") -> None:
    """Compare two documents leaf by leaf; limits go on from look to look by a little."""
    if isinstance(one, dict):
        assert one.keys() == other.keys(), where
        for name in one:
            assert_same(one[name], other[name], f"{where}.{name}")
    elif isinstance(one, list):
        assert len(one) == len(other), where
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            assert_same(left, right, f"{where}[{number}]")
    elif isinstance(one, float):
        assert one == pytest.approx(other, rel=1e-3, abs=1e-4), where
    else:
        assert one == other, where


def test_the_command_writes_the_counts_into_a_file(
    client: Client, experiment: Experiment, tmp_path: Path
) -> None:
    file = tmp_path / "counts.parquet"
    call_command("report", "pilot", f"--parquet={file}")
    assert file.read_bytes() == client.get("/dashboards/pilot/counts.parquet").content
