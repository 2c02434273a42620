import csv
import io
import json
import re

import pytest

from experiments.analysis.videos import document
from experiments.analysis.videos.build import build_videos
from experiments.analysis.videos.document import as_document, as_json
from experiments.analysis.videos.record import VideoReport
from experiments.analysis.videos.table import as_map, as_table
from tests.experiments.analysis.report.cast import FOUR_VIDEOS, counted_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def report() -> VideoReport:
    return build_videos(counted_study(FOUR_VIDEOS))


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_the_table_has_every_figure_of_every_video_and_arm(report: VideoReport) -> None:
    lines = rows(as_table(report))
    assert len(lines) == 12
    arm, line = report.videos[1].arms[2], lines[5]
    assert (line["video"], line["arm"]) == (report.videos[1].slug, "gevaden")
    assert int(line["clicks"]) == arm.clicks
    assert float(line["ctr"]) == arm.clicks / arm.views
    shown = ("raw_lift", "lift", "lift_low", "lift_high", "chance_better", "chance_worse")
    assert [float(line[name]) for name in shown] == [
        arm.raw, arm.lift, arm.low, arm.high, arm.better, arm.worse,
    ]  # fmt: skip
    assert lines[3]["lift"] == ""


def test_the_map_says_what_to_ship(report: VideoReport) -> None:
    lines = rows(as_map(report))
    assert [line["video"] for line in lines] == [row.slug for row in report.videos]
    assert [line["arm"] for line in lines] == [row.ship for row in report.videos]
    assert {line["selector"] for line in lines} <= set(report.selectors.values())


def test_the_document_is_the_record(report: VideoReport) -> None:
    found = as_document(report)
    assert json.loads(as_json(report)) == found
    videos = found["videos"]
    assert isinstance(videos, list)
    assert videos[1]["arms"][2]["lift"] == report.videos[1].arms[2].lift
    assert videos[1]["arms"][0]["lift"] is None
    named = set(re.findall(r'"(\w+)"', document.__doc__ or ""))
    assert set(found) | set(videos[0]) | set(videos[0]["arms"][0]) <= named
