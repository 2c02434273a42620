"""From video files to Table 3 through real processes: worker, web server, commands, Postgres."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from standalone.processes import (
    free_port,
    programs,
    site_commands,
    wait_until_ready,
)
from standalone.stack import Site, manage
from tests.clips import write_clip
from tests.functional.own_workers import own_database
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "test_coverlift_journey"
ARMS = ("raw thumbnails=raw", "re-SEQ2SEQ=re_seq2seq", "GEVADEN=gevaden")

pytestmark = pytest.mark.functional


def answer(site: Site, *words: str) -> str:
    return manage(site.environment, *words, capture=True)


@pytest.fixture(scope="module")
def site(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Web server and worker, as `make pilot` starts them, on a database of the journey's own."""
    folder, port = tmp_path_factory.mktemp("site"), free_port()
    with (
        own_database(database_url, DATABASE, folder) as environment,
        programs(site_commands(port, with_beat=False), environment) as running,
    ):
        url = f"http://127.0.0.1:{port}"
        wait_until_ready(f"{url}/readyz", running)
        yield Site(url, environment, running)


@pytest.fixture(scope="module")
def study(site: Site, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two clips and a broken file, made into thumbnails, shown to viewers, counted."""
    folder = tmp_path_factory.mktemp("clips")
    for number in range(2):
        write_clip(folder / f"clip-{number}.mp4", seconds=10 + number, seed=number)
    (folder / "broken.mp4").write_bytes(b"\x00\x00\x00\x18ftypmp42 and then nothing of use")
    answer(site, "import_videos", str(folder))
    made = subprocess.run(
        [sys.executable, "manage.py", "make_thumbnails", "--wait"],
        cwd=ROOT, env=dict(site.environment), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "broken: unreadable" in made.stderr
    arms = [word for arm in ARMS for word in ("--arm", arm)]
    words = ["start_experiment", "journey", "--name", "A journey", *arms]
    slug = answer(site, *words, "--simulated", "by a test")
    words = ["simulate_traffic", "--url", site.url, "--experiment", slug, "--viewers", "150"]
    said = answer(site, *words)
    assert said.startswith("150 viewers saw")
    answer(site, "rollup")
    answer(site, "end_experiment", slug)
    return slug


def tokens_served(site: Site) -> list[str | None]:
    with urllib.request.urlopen(f"{site.url}/api/feed?viewer=late", timeout=20) as feed:
        return [slot["token"] for slot in json.load(feed)["slots"]]


def test_the_report_counts_what_the_viewers_did(site: Site, study: str) -> None:
    report = json.loads(answer(site, "report", study, "--json"))
    assert report["experiment"]["simulated"] == "by a test"
    assert [arm["selector"] for arm in report["arms"]] == ["raw", "re_seq2seq", "gevaden"]
    connection = psycopg2.connect(site.environment["DATABASE_URL"])
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FILTER (WHERE key % 8 = 2) FROM experiments_event")
        row = cursor.fetchone()
    connection.close()
    assert row is not None
    assert sum(arm["views"] for arm in report["arms"]) == row[0] > 150


def test_the_pages_show_it_and_say_that_it_is_simulated(site: Site, study: str) -> None:
    for path in (f"/dashboards/{study}/", f"/dashboards/{study}/thumbnails/", "/dashboards/"):
        with urllib.request.urlopen(site.url + path, timeout=20) as page:
            assert "imulated" in page.read().decode()


def test_an_ended_experiment_serves_no_arm(site: Site, study: str) -> None:
    wait_until(
        lambda: all(token is None for token in tokens_served(site)),
        "each of the site's processes has seen the end",
    )


def test_a_forged_token_is_refused_and_nothing_is_written(site: Site, study: str) -> None:
    body = json.dumps({"events": [{"token": "1.AAAA.BBBB", "step": "click"}]}).encode()
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{site.url}/api/events", body, timeout=20)
    with caught.value as refusal:
        assert refusal.code == 400
        assert json.load(refusal)["rejected"]


def test_a_wrong_database_address_says_so_in_one_sentence() -> None:
    environment = {**os.environ, "DATABASE_URL": "postgres://nobody:x@127.0.0.1:9/none"}
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert done.stderr.strip().count("\n") == 0
    assert "DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr
