"""The console's pages at 10,000 videos and 100 experiments: queries, and the server's time."""

import time
from statistics import median

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from experiments.choice import Choice
from experiments.design import ArmDesign
from experiments.models import Arm, AuditEntry, DayCount, Experiment, Intake, Thumbnail, Video
from experiments.serving import allocation_phases, drafts, lifecycle
from experiments.serving.decision import Shipment, ship
from experiments.webhooks.addresses import make
from experiments.webhooks.kinds import Kind
from experiments.webhooks.outbox import announce
from server.roles import Role
from tests.experiments.world import SELECTORS, make_renditions
from tests.server.people import logged_in

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]
VIDEOS, EXPERIMENTS, LOOKS, MOST_QUERIES = 10_000, 100, 15, 15
WHO = "administrator"
PAGES = (
    "/console/",
    "/console/videos/",
    "/console/videos/?q=video+99&sort=title",
    "/console/videos/?state=failed&arm=lacks+gevaden",
    "/console/videos/?experiment=e7&sort=longest&page=2",
    "/console/videos/?page=200",
    "/console/videos/v1/",
    "/console/deletion/?video=v1&video=v2",
    "/console/videos/v1/creatives/",
    "/console/uploads/",
    "/console/uploads/arrivals/",
    "/console/making/",
    "/console/making/part/",
    "/console/keys/",
    "/console/people/",
    "/console/status/",
    "/console/account/",
    "/console/webhooks/",
    "/console/experiments/",
    "/console/experiments/?q=experiment+9&state=running",
    "/console/experiments/e7/",
    "/console/experiments/e7/log/",
    "/console/experiments/e7/trial/",
    "/console/experiments/e9/",  # decided
    "/console/experiments/e9/delete/",
    "/console/experiments/e7/decide/",
    "/console/experiments/new/",
    "/console/experiments/draft/edit/question/",
    "/console/experiments/draft/edit/videos/?which=matching&q=video+9",
    "/console/experiments/draft/edit/videos/?which=all&arm=has+gevaden&age=28",
    "/console/experiments/draft/edit/arms/",
    "/console/experiments/draft/edit/length/",
    "/console/experiments/draft/forecast/?expected_views=2100",
    "/console/experiments/draft/edit/launch/",
    "/console/experiments/draft/fairness/",
    "/console/audit/?q=start",
)


def make_site() -> None:
    """Make 10,000 videos of three thumbnails, some failed, and 100 experiments of 1,000 each."""
    videos = Video.objects.bulk_create(
        Video(slug=f"v{i}", title=f"Video {i}", duration_s=60.0 + i % 100, file=f"v{i}.mp4",
              state="failed" if i % 50 == 0 else "ready",
              error_code="unreadable" if i % 50 == 0 else "")
        for i in range(VIDEOS)
    )  # fmt: skip
    Thumbnail.objects.bulk_create(
        Thumbnail(
            video=video, selector=selector, model_version="1", size_bytes=1, width=320, height=180,
            media_type="image/gif", file=f"{video.slug}-{selector}", shots_s=[place, 12.5, 40.25],
            frames_key=f"{video.slug}-{place}",
            candidates=[[[n, n + 1.0, n + 2.0], 0.5, 0.1] for n in range(10)],
            renditions=make_renditions(f"{video.slug}-{selector}", moves=selector != "raw"),
        )
        for video in videos
        for place, selector in enumerate(SELECTORS)
    )  # fmt: skip
    for number in range(EXPERIMENTS):
        _make_experiment(number, videos[number * 90 : number * 90 + 1_000])
    _count_and_decide()
    draft = drafts.open_draft("Draft", "")  # over all of them
    drafts.set_videos(draft, Video.objects.all())
    drafts.set_arms(draft, [ArmDesign(name, name) for name in SELECTORS])
    Intake.objects.bulk_create(
        Intake(name=f"{i}.mp4", size_bytes=9, who=WHO, state="taken", video=videos[i])
        for i in range(1_000)
    )
    AuditEntry.objects.bulk_create(
        AuditEntry(who=WHO, door="console", kind="experiment", subject=f"e{i % 100}", act="start")
        for i in range(10_000)
    )


def _make_experiment(number: int, videos: list[Video]) -> None:
    experiment = Experiment.objects.create(
        slug=f"e{number}", name=f"Experiment {number}", salt=f"s{number}", state="running",
        started_at=timezone.now(),
    )  # fmt: skip
    Arm.objects.bulk_create(
        Arm(experiment=experiment, index=i, name=name, selector=name)
        for i, name in enumerate(SELECTORS)
    )
    experiment.videos.set(videos)
    allocation_phases.start(experiment)


def _count_and_decide() -> None:
    """Give two experiments a day of counts, and ship an arm of one."""
    for slug in ("e7", "e9"):
        experiment = Experiment.objects.get(slug=slug)
        cells = allocation_phases.cells(experiment)
        DayCount.objects.bulk_create(
            DayCount(day=timezone.now().date(), cell=cells[arm], video=video, flags=0, views=200,
                     clicks=8 + arm)
            for video in experiment.videos.values_list("pk", flat=True)
            for arm in range(len(SELECTORS))
        )  # fmt: skip
    lifecycle.end(experiment)
    ship(experiment, Shipment(Choice.ARM, "gevaden", holdback=0.05))
    make("https://shop.example/told", [Kind.HEALTH_RED])
    for number in range(1_000):
        announce(Kind.HEALTH_RED, f"e{number % 100}", {})


def test_time_and_queries_of_each_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("experiments.tasks.make_storyboard.delay", lambda *_: None)
    make_site()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = logged_in(Role.ADMINISTRATOR, WHO)  # by a group, which a superuser needs no query for
    client.get("/console/account/")  # a session is noted as seen at its first page
    asked_much: dict[str, int] = {}
    for page in PAGES:
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(page)
        queries = len(asked)  # the next request forgets them
        assert answer.status_code == 200, page
        asked_much |= {page: queries} if queries > MOST_QUERIES else {}
        times_s = [_time_s(client, page) for _ in range(LOOKS)]
        print(
            f"\n{page}: {queries} queries, median {median(times_s) * 1000:.0f} ms, "
            f"slowest of {LOOKS} {max(times_s) * 1000:.0f} ms, {len(answer.content) / 1000:.0f} kB"
        )
    assert asked_much == {}


def _time_s(client: Client, page: str) -> float:
    start = time.perf_counter()
    client.get(page)
    return time.perf_counter() - start
