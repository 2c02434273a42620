"""The feed: CPU a request through the whole web application, with 10,000 videos."""

import time
import zlib
from typing import Any

import msgspec
import numpy as np
import pytest
from django.test import RequestFactory
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from experiments.models import Arm, Experiment, Thumbnail, Video
from experiments.serving import allocation_phases, feed
from experiments.serving.feed_state import FeedState
from experiments.serving.pictures import ThumbnailCard
from server.wsgi import application
from tests.experiments.world import SELECTORS, make_renditions

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]
VIDEOS, EXPERIMENTS, REQUESTS = 10_000, 20, 1_000


def make_site() -> None:
    """Make 20 running experiments that divide 10,000 videos of three thumbnails each."""
    videos = Video.objects.bulk_create(
        Video(slug=f"v{i}", title=f"Video {i}", state="ready", duration_s=60.0)
        for i in range(VIDEOS)
    )
    Thumbnail.objects.bulk_create(
        Thumbnail(
            video=video, selector=selector, model_version="1", size_bytes=1, width=320, height=180,
            media_type="image/gif", file=f"{video.slug}-{selector}", shots_s=[0], candidates=[],
            renditions=make_renditions(f"{video.slug}-{selector}", moves=selector != "raw"),
        )
        for video in videos
        for selector in SELECTORS
    )  # fmt: skip
    for number in range(EXPERIMENTS):
        experiment = Experiment.objects.create(
            slug=f"e{number}", name="e", salt=f"s{number}", state="running", holdback=0.05,
            started_at=timezone.now(),
        )  # fmt: skip
        Arm.objects.bulk_create(
            Arm(experiment=experiment, index=i, name=name, selector=name)
            for i, name in enumerate(SELECTORS)
        )
        experiment.videos.set(videos[number::EXPERIMENTS])
        allocation_phases.start(experiment)


def refresh_cpu_s() -> float:
    start = time.thread_time()
    feed.refresh()
    return time.thread_time() - start


def pushed_cpu_s() -> tuple[float, int]:
    """Return what taking another process's pictures over would take, and their bytes, packed."""
    pictures = feed.state.snapshot().pictures.by_video
    pushed = zlib.compress(msgspec.msgpack.encode(pictures), level=1)
    start = time.thread_time()
    taken = msgspec.msgpack.decode(
        zlib.decompress(pushed), type=dict[int, dict[str, ThumbnailCard]]
    )
    took_s = time.thread_time() - start
    assert taken == pictures
    return took_s, len(pushed)


def told(status: str, _: object, __: object = None, /) -> Any:
    assert status == "200 OK"


def test_cpu_of_a_page_of_30(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_site()
    monkeypatch.setattr(feed, "state", FeedState(now_s=lambda: 0.0))
    read_s, looked_s = refresh_cpu_s(), refresh_cpu_s()
    Thumbnail.objects.filter(video__slug="v7").update(size_bytes=2)
    renewed_s = refresh_cpu_s()
    pushed_s, pushed_bytes = pushed_cpu_s()
    requests = RequestFactory()
    cpu_ms = []
    with django_assert_num_queries(0):
        for viewer in range(REQUESTS):
            request = requests.get("/api/feed", {"viewer": f"viewer-{viewer}", "count": "30"})
            start = time.thread_time()
            (content,) = application(request.environ, told)
            cpu_ms.append((time.thread_time() - start) * 1e3)
            assert content.count(b'"token":"') > 20
    half, most = np.percentile(cpu_ms, [50, 99])
    with capsys.disabled():
        print(
            f"\nfeed of 30 among {VIDEOS} videos in {EXPERIMENTS} experiments:"
            f" {half:.2f} ms of CPU at the median (limit 0.3), {most:.2f} at the 99th percentile,"
            f" no query; a first snapshot {read_s:.2f} s of CPU, the next one after a change"
            f" {renewed_s * 1e3:.0f} ms, asking whether there was one {looked_s * 1e3:.0f} ms;"
            f" unpacking pictures that another process had pushed, {pushed_bytes / 1e6:.1f} MB,"
            f" {pushed_s * 1e3:.0f} ms"
        )
