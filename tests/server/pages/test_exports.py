"""What is handed on has the report's own numbers, and needs nothing else."""

import csv
import io
import json
import re
from html import unescape

import pyarrow.parquet as pq
import pytest
from django.core.management import call_command
from django.test import Client

from experiments.analysis.report import sentences
from experiments.analysis.report.build import build
from experiments.models import Experiment, Video
from tests.experiments.analysis.report.cast import FOUR_VIDEOS, add_day, counted_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def experiment() -> Experiment:
    made = counted_study(ended=False)
    add_day(made, FOUR_VIDEOS, day=1)
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
    assert re.findall(r'\b(?:src|href)="(?!#)', page) == []
    report = build(experiment)
    assert sentences.headline(report) in unescape(page).replace("\N{NO-BREAK SPACE}", " ")
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
            assert number(row["improvement_high"]) == pytest.approx(
                found.high, abs=1e-4, nan_ok=True
            )
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
        call_command("report", "pilot", f"--format={form}", stdout=out)
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
