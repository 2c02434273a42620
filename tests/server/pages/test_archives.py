"""Files of old tests' counts are judged once their columns are agreed, and not kept."""

import json
import re
import tempfile
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from experiments.analysis.report.formatting import signed_percent
from experiments.studies.historical.analysis import analyse
from server.pages import archives
from server.pages.archive_report import of_archive
from tests.experiments.studies.historical.made_up import Truth, draw, write_as_upworthy

pytestmark = pytest.mark.django_db
PAGE = "/dashboards/archives/"
ODD = b"t;a;n;x\n" + b"".join(
    f"{test};{arm};900;{30 + 5 * (arm == 'new')}\n".encode()
    for test in range(12)
    for arm in ("old", "new")
)
MAPPING = {
    "column-test": "t", "column-arm": "a", "column-impressions": "n", "column-clicks": "x",
    "column-control": "old",
}  # fmt: skip


def file(content: bytes, name: str = "counts.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def send(client: Client, content: bytes, name: str = "counts.csv", **fields: str) -> str:
    answer = client.post(PAGE, {"file": file(content, name), **fields})
    assert answer.status_code == 200
    return answer.content.decode()


def test_columns_are_shown_as_they_are_taken_before_anything_is_judged(
    admin_client: Client,
) -> None:
    content = b"test,arm,views,clicks,device\n1,a,900,30,phone\n1,b,900,40,desk\n"
    page = send(admin_client, content, act="look")
    for name, column in (("test", "test"), ("impressions", "views"), ("clicks", "clicks")):
        select = page.partition(f'name="column-{name}"')[2].partition("</select>")[0]
        assert f'<option value="{column}" selected>' in select
    assert "phone" in page  # of the first rows
    assert "Judge the tests" in page
    assert "The report in words" not in page


def test_what_no_name_tells_is_chosen_and_judged(admin_client: Client) -> None:
    page = send(admin_client, ODD, act="report")
    assert page.count("This field is required.") == 3
    assert "Name the column, or say that each row is an arm" in page
    report = send(admin_client, ODD, act="report", **MAPPING)
    assert "24 rows: 12 tests with 24 arms" in report
    assert "Columns: test t, arm a, impressions n, clicks x" in report
    everything = json.loads(send(admin_client, ODD, act="json", **MAPPING))
    assert len(everything["tests"]) == 12


def test_a_whole_archive_is_judged_with_its_charts(admin_client: Client, tmp_path: Path) -> None:
    write_as_upworthy(draw(Truth(broken=(22, 33)), seed=5)[0], tmp_path / "packages.csv")
    content = (tmp_path / "packages.csv").read_bytes()
    look = send(admin_client, content, act="look")
    assert 'name="column-row_is_arm" id="id_column-row_is_arm" checked' in look.replace(
        ' aria-describedby="id_column-row_is_arm_helptext"', ""
    )
    fields = {"column-test": "clickability_test_id", "column-row_is_arm": "on",
              "column-impressions": "impressions", "column-clicks": "clicks",
              "column-date": "created_at"}  # fmt: skip
    page = send(admin_client, content, act="report", **fields)
    assert "Windows of weeks in which assignment was broken: 1" in page
    assert page.count("data-figure=") == 2
    assert page.count("The same as a table") == 2
    held = re.findall(r'href="data:text/csv;charset=utf-8,([^"]+)" download="tests-archive', page)
    weeks, effects = (unquote(each).splitlines() for each in held)
    assert weeks[0] == '\ufeffweek of,"mismatched, share of its tests"'
    assert effects[0] == '\ufeff"click rate over the control\'s, less 1",raw,shrunk'
    assert len(effects) == 61
    windows = page.partition('aria-label="Broken weeks"')[2].partition("</table>")[0]
    assert windows.count("<tr>") == 2
    assert "The same picture against itself" in page


def test_winners_losers_and_the_error_on_the_same_picture_are_the_analysis_own() -> None:
    analysis = analyse(draw(Truth(spread=0.5, same=0.3), seed=3)[0])
    shown = of_archive(analysis)
    lifts = analysis.effects.lifts
    assert lifts is not None
    declared = lifts.declared(0.05)
    (_, winners), (_, losers) = shown["extremes"]
    assert len(winners) == min(20, int((declared > 0).sum())) > 5
    assert len(losers) == min(20, int((declared < 0).sum())) > 5
    first, surest = winners[0], int(np.argmax(np.where(declared > 0, lifts.better, 0)))
    assert first.lift == signed_percent(float(lifts.lift[surest]))
    assert first.raw == signed_percent(float(analysis.effects.raw.value[surest]))
    assert losers[0].lift.startswith("-")
    rate = analysis.same_creative.rates[0]
    assert shown["errors"][0][2] == f"{rate.rejected:,} of {rate.tested:,}"
    trusted, better = int(analysis.trusted.sum()), int((declared > 0).sum())
    assert f"600 tests, of which {trusted:,} can be trusted" in shown["headline"]
    assert f"{better:,} are better than the control" in shown["headline"]


def test_nothing_of_a_file_is_kept(
    admin_client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    send(admin_client, ODD, act="report", **MAPPING)
    send(admin_client, b"no table", act="look")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"PAR1", "counts.parquet", "counts.parquet must end in .csv, .tsv, .txt."),
        (b"", "counts.csv", "The submitted file is empty."),
        (b"a,a\n1,2\n", "counts.csv", "two columns are called"),
        (bytes(100), "counts.csv", "CSV"),
        (b"test,arm,impressions,clicks\n1,a,9,x\n", "counts.csv", "has no test with two arms"),
    ],
)
def test_what_cannot_be_read_is_told(
    admin_client: Client, content: bytes, name: str, said: str
) -> None:
    mapping = {"column-test": "test", "column-arm": "arm", "column-impressions": "impressions",
               "column-clicks": "clicks"}  # fmt: skip
    assert said in send(admin_client, content, name, act="report", **mapping)


def test_a_file_that_is_too_large_is_not_read(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_BYTES", 100)
    assert "must have at most 0: let manage.py import_counts" in send(admin_client, ODD, act="look")
    monkeypatch.undo()
    monkeypatch.setattr(archives, "MAX_ROWS", 23)
    assert "counts.csv has 24 rows, must have at most 23 here" in send(
        admin_client, ODD, act="look"
    )


def test_many_rows_refused_are_told(admin_client: Client) -> None:
    content = b"test,arm,impressions,clicks\n" + b"1,a,900,9\n1,b,901,9\n1,c,x,9\n"
    mapping = {"column-test": "test", "column-arm": "arm", "column-impressions": "impressions",
               "column-clicks": "clicks"}  # fmt: skip
    page = send(admin_client, content, act="report", **mapping)
    assert "1 of 3 rows are refused, more than one in ten" in page


def test_the_part_that_the_page_asks_for_by_itself(admin_client: Client) -> None:
    answer = admin_client.post(PAGE, {"file": file(ODD)}, headers={"HX-Request": "true"})
    part = answer.content.decode()
    assert part.startswith('<div id="columns">')
    assert "<html" not in part
    wrong = admin_client.post(PAGE, {"file": file(b"x", "a.exe")}, headers={"HX-Request": "true"})
    assert "a.exe must end in" in wrong.content.decode()
