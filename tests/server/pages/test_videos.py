"""The page of videos one by one: its figures are the record's, its filter is in the address."""

import csv
import io
import re

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from experiments.analysis.report import formatting
from experiments.analysis.videos import sentences
from experiments.analysis.videos.build import build_videos
from experiments.analysis.videos.document import as_document
from experiments.analysis.videos.record import Standing, VideoReport
from experiments.models import Video
from experiments.unit import Unit
from tests.experiments.analysis.report.cast import counted_study
from tests.experiments.analysis.videos.test_build import drawn
from tests.experiments.world import make_experiment
from tests.reading import as_read

pytestmark = pytest.mark.django_db


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return as_read(answer.content.decode())


def listed(page: str) -> list[str]:
    """Return the titles in the table."""
    rows: list[str] = re.findall(r'<th scope="row"><a href="/watch/[^"]+">(.*?)</a>', page)
    return rows


@pytest.fixture
def report() -> VideoReport:
    return build_videos(counted_study(drawn()))


def test_a_row_holds_every_figure_of_its_record(client: Client, report: VideoReport) -> None:
    page = text_of(client, "/dashboards/pilot/videos/?sort=views")
    rows = sorted(report.videos, key=lambda row: -sum(arm.views for arm in row.arms))
    assert listed(page) == [row.title for row in rows[:20]]
    section = page[page.index('id="all"') :]
    shown: list[str] = re.findall(r"<tr>.*?</tr>", section, flags=re.DOTALL)[1:]
    for row, text in zip(rows[:20], shown, strict=True):
        arm = row.arms[2]
        assert arm.standing is not None
        figures = [
            *(f"{a.clicks:,} of {a.views:,}" for a in row.arms),
            formatting.signed_percent(arm.raw), formatting.signed_percent(arm.lift),
            formatting.percent(arm.better, 1), arm.standing.value, row.ship,
        ]  # fmt: skip
        assert [figure for figure in figures if figure not in text] == []


def test_the_filter_is_in_the_address_and_says_what_it_leaves(
    client: Client, report: VideoReport
) -> None:
    better = [row.title for row in report.videos if row.arms[2].standing is Standing.BETTER]
    page = text_of(client, "/dashboards/pilot/videos/?arm=gevaden&show=winners&sort=best")
    assert f"The filter leaves {len(better)} of 40 videos" in page
    assert set(listed(page)) <= set(better)
    assert '<option value="winners" selected>' in page
    assert "arm=gevaden&show=winners&sort=best&page=2" in page
    one = text_of(client, f"/dashboards/pilot/videos/?q={report.videos[7].slug}")
    assert report.videos[7].title in listed(one)
    nobody = text_of(client, "/dashboards/pilot/videos/?q=nowhere")
    assert "No video is like that" in nobody


def test_another_arm_has_its_own_lifts(client: Client, report: VideoReport) -> None:
    page = text_of(client, "/dashboards/pilot/videos/?arm=re_seq2seq")
    assert sentences.about_arm(report, report.summaries[0]) in page
    assert "Surest winners" not in page


def test_what_is_not_understood_is_said_beside_its_field(
    client: Client, report: VideoReport
) -> None:
    del report
    page = text_of(client, "/dashboards/pilot/videos/?sort=colour&page=99")
    assert "colour is not one of the available choices" in page
    assert "Page 2 of 2" in page


def test_winners_stand_side_by_side_with_their_pictures(
    client: Client, report: VideoReport
) -> None:
    page = text_of(client, "/dashboards/pilot/videos/")
    strip = page[page.index("Surest winners of gevaden") : page.index("How the lifts are")]
    surest = max(report.videos, key=lambda row: row.arms[2].better)
    assert surest.title in strip
    assert strip.count('class="panel strip"') == 3
    assert strip.count("<img") == 9
    assert 'id="figure-lifts"' in page


def test_the_spread_of_the_lifts_is_a_table_too(client: Client, report: VideoReport) -> None:
    page = text_of(client, "/dashboards/pilot/videos/?arm=re_seq2seq")
    assert 'href="/dashboards/pilot/charts/lifts.csv?arm=re_seq2seq"' in page
    rows = [client.get(f"/dashboards/pilot/charts/lifts.csv?arm={arm}").content.decode("utf-8-sig")
            for arm in ("re_seq2seq", "gevaden")]  # fmt: skip
    assert rows[0] != rows[1]
    for text in rows:
        lines = list(csv.DictReader(io.StringIO(text)))
        assert sum(int(line["likely"].split(".")[0]) for line in lines) == len(report.videos)
    make_experiment("unseen", videos=1)
    assert client.get("/dashboards/unseen/charts/lifts.csv").status_code == 404


def test_every_door_has_the_same_numbers(client: Client, report: VideoReport) -> None:
    document = as_document(report)
    assert client.get("/api/v1/reports/pilot/videos").json() == document
    table = client.get("/dashboards/pilot/videos.csv")
    assert table["Content-Disposition"] == 'attachment; filename="pilot-videos.csv"'
    lines = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert [float(line["lift"]) for line in lines if line["arm"] == "gevaden"] == [
        row.arms[2].lift for row in report.videos
    ]
    decided = client.get("/dashboards/pilot/map.csv").content.decode("utf-8-sig")
    assert [line["arm"] for line in csv.DictReader(io.StringIO(decided))] == [
        row.ship for row in report.videos
    ]


def test_the_command_says_the_same(report: VideoReport) -> None:
    said = {form: io.StringIO() for form in ("text", "json", "csv", "map")}
    for form, out in said.items():
        asked = [] if form == "text" else [f"--{form}"]
        call_command("report", "pilot", "--videos", *asked, stdout=out)
    text = " ".join(said["text"].getvalue().split())
    assert sentences.gain(report) in text
    assert said["csv"].getvalue().count("\n") == 1 + 3 * 40
    assert said["map"].getvalue().count("\n") == 1 + 40
    with pytest.raises(
        CommandError, match="--map is not for this report: must be one of --json, --csv"
    ):
        call_command("report", "pilot", "--map")


def test_a_deleted_video_has_a_row_and_no_link(client: Client, report: VideoReport) -> None:
    gone = report.videos[3]
    Video.objects.get(pk=gone.pk).delete()
    page = text_of(client, "/dashboards/pilot/videos/?q=deleted")
    assert f"Deleted video {gone.pk}" in page
    assert f"/watch/deleted-{gone.pk}" not in page
    table = client.get("/dashboards/pilot/videos.csv").content.decode()
    assert table.count(f"deleted-{gone.pk}") == 3
    decided = client.get("/dashboards/pilot/map.csv").content.decode()
    assert decided.count("\n") == 1 + 39
    assert f"deleted-{gone.pk}" not in decided


def test_what_cannot_be_said_has_its_reason(client: Client) -> None:
    alone = tuple(
        tuple((1000, 50) if arm == video % 3 else (0, 0) for arm in range(3)) for video in range(6)
    )
    counted_study(alone, slug="whole", unit=Unit.VIDEO)
    make_experiment("unseen", videos=1)
    assert "shown in one arm only" in text_of(client, "/dashboards/whole/videos/")
    assert "no video has been seen yet" in text_of(client, "/dashboards/unseen/videos/")
    assert client.get("/dashboards/none/videos/").status_code == 404


def test_queries_do_not_grow_with_the_videos(client: Client) -> None:
    counted_study(drawn(120))
    with CaptureQueriesContext(connection) as first:
        client.get("/dashboards/pilot/videos/")
    assert len(first) <= 15
    with CaptureQueriesContext(connection) as later:
        client.get("/dashboards/pilot/videos/?page=3")
    assert len(later) <= 4
