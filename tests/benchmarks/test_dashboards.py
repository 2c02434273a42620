"""The analysts' pages at full size: queries, the server's time."""

import time
from statistics import median

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from experiments.analysis import summaries
from tests.benchmarks.test_console import make_site
from tests.benchmarks.test_stats_benchmarks import pilot

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]
LOOKS = 15
LISTS = (
    "/dashboards/",
    "/dashboards/?q=experiment+9&state=running&sort=name",
    "/dashboards/?verdict=not+enough+yet&page=4",
)


def test_lists_of_100_experiments_and_10_000_videos() -> None:
    make_site()
    began_s = time.perf_counter()
    made = summaries.renew(budget_s=60)
    print(f"\n{made} summaries in {time.perf_counter() - began_s:.1f} s")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    look(LISTS)


def test_one_report_of_the_pilots_size() -> None:
    experiment = pilot({})
    look(tuple(f"/dashboards/{experiment.slug}/{page}" for page in ("", "videos/")))


def look(pages: tuple[str, ...]) -> None:
    """Print the queries and times of each page."""
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    for page in pages:
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(page)
        queries = len(asked)  # the next request forgets them
        assert answer.status_code == 200, page
        took = [_took_ms(client, page) for _ in range(LOOKS)]
        here, wall = (median(each) for each in zip(*took, strict=True))
        print(
            f"{page}: {queries} queries, median {here:.0f} ms of the web process, {wall:.0f} ms "
            f"wall, {len(answer.content) / 1000:.0f} kB"
        )


def _took_ms(client: Client, page: str) -> tuple[float, float]:
    """Return how long this process worked, and how long the answer took."""
    here_s, wall_s = time.process_time(), time.perf_counter()
    client.get(page)
    return 1000 * (time.process_time() - here_s), 1000 * (time.perf_counter() - wall_s)
