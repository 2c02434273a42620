"""What should be looked at is said in words, asked by Prometheus, and has a runbook."""

import json
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from experiments.models import Rejection, Video, WorkTime
from server import __version__, watching
from server.watching import LOOKS, findings
from tests.experiments.beacons import visit
from tests.experiments.world import make_experiment
from tests.server.test_metrics import scraped

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
ALERTS = ROOT / "deployment" / "alerts.yml"
DASHBOARD = ROOT / "deployment" / "dashboard.json"
PROMTOOL = shutil.which("promtool")
FIGURE = re.compile(r"\bcoverlift_\w+")


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(ALERTS.read_text())["groups"]
    return list(group["rules"])


def bad() -> set[str]:
    return {finding.name for finding in findings() if finding.is_bad}


def work(name: str, ago_s: float) -> None:
    ended = timezone.now() - timedelta(seconds=ago_s)
    WorkTime.objects.create(kind="task", name=name, runs=1, ended_at=ended)


def test_a_new_site_is_well() -> None:
    assert bad() == set()


def test_counts_that_are_late_are_bad_only_where_events_wait() -> None:
    work("roll_up", 500)
    assert bad() == set()
    make_experiment(videos=1)
    visit("ann")
    assert bad() == {"CountsLate"}
    WorkTime.objects.update(ended_at=timezone.now())
    assert bad() == set()


def test_what_stands_still_or_fails_is_bad() -> None:
    work("flag_bots", 4 * 3600)
    Video.objects.create(slug="a", title="a", state="failed", error_code="unreadable")
    assert bad() == {"BotsNotSought"}
    Video.objects.create(slug="b", title="b", state="failed", error_code="worker_lost")
    assert bad() == {"BotsNotSought", "MakingFails"}


def test_a_full_disk_is_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "DISK_LEAST_SHARE", 1.1)
    assert bad() == {"DiskFull"}


def test_the_page_says_it_in_words_bad_first(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Rejection.objects.create(reason="forged", events=7)
    assert "All is well." in admin_client.get("/console/status/").content.decode()
    work("flag_bots", 4 * 3600)
    with django_assert_max_num_queries(15):
        page = admin_client.get("/console/status/").content.decode()
    assert f"Coverlift {__version__}. 1 thing should be looked at." in page
    assert page.index("Bots were last looked for 4.0 hours ago.") < page.index("7 forged")
    assert "<strong>Start a worker and the clock (beat)" in page


def test_every_condition_is_an_alert_with_the_same_limit() -> None:
    exprs = {rule["alert"]: rule["expr"] for rule in rules()}
    assert {look().name for look in LOOKS} - set(exprs) == {"DiskFull"}  # a node exporter's
    assert f"> {watching.COUNTS_LATE_S:.0f}" in exprs["CountsLate"]
    assert f"> {watching.TASKS_LATE_S:.0f}" in exprs["TasksWait"]
    assert f"> {watching.BOTS_LATE_S:.0f}" in exprs["BotsNotSought"]
    assert "|".join(watching.OUR_FAULTS) in exprs["MakingFails"]
    assert "|".join(watching.BROKEN_SITE) in exprs["EventsRefused"]


def test_every_alert_and_condition_has_a_runbook() -> None:
    text = (ROOT / "docs/operations.md").read_text().partition("## Runbooks")[2]
    told = re.findall(r"^### (\w+)$", text.partition("\n## ")[0], re.MULTILINE)
    named = [rule["alert"] for rule in rules()]
    assert sorted(told) == sorted({*named, *(look().name for look in LOOKS)})


def test_every_figure_that_alerts_and_dashboard_name_is_told(settings: Any) -> None:
    settings.CELERY_BROKER_URL = "pgmq://anywhere"
    make_experiment(videos=1)
    work("roll_up", 1)
    Rejection.objects.create(reason="forged", events=1)
    for number, state in enumerate(("failed", "making")):
        code = "crashed" if state == "failed" else ""
        Video.objects.create(slug=f"v{number}", title="v", state=state, error_code=code)
    panels = json.loads(DASHBOARD.read_text())["panels"]
    exprs = [rule["expr"] for rule in rules()]
    exprs += [target["expr"] for panel in panels for target in panel["targets"]]
    named = set(FIGURE.findall(" ".join(exprs)))
    assert named - {figure for figure, *_ in scraped()} == set()


@pytest.mark.skipif(PROMTOOL is None, reason="no promtool: Debian's package prometheus has it")
def test_prometheus_understands_the_alerts() -> None:
    words = [str(PROMTOOL), "check", "rules", str(ALERTS)]
    checked = subprocess.run(words, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
