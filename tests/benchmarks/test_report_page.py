"""The page of one experiment of the pilot's size: queries, time, weight, and the file of it."""

import gc
import gzip
import time
from statistics import median

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from experiments.analysis import summaries
from experiments.analysis.cuts.kinds import BY_NUMBER, CUTS
from experiments.analysis.layout import Layout
from experiments.models import Experiment, TwoWayError
from server.pages.exports import as_html
from tests.benchmarks.test_stats_benchmarks import ARMS, CHANGES, pilot
from tests.experiments.analysis.report.cast import counted_study

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]
LOOKS = 15


def all_cuts(seed: int = 1) -> dict[str, object]:
    """Return every cut with all of its slices, as they are kept."""
    rng = np.random.default_rng(seed)

    def cut(name: str, slices: list[str]) -> dict[str, object]:
        size = len(slices)
        return {
            "name": name,
            "slices": slices,
            "control": ARMS[0],
            "views": [[400_000] * len(ARMS)] * size,
            "clicks": rng.integers(20_000, 28_000, (size, len(ARMS))).tolist(),
            "reciprocals": (1 / 2.0 ** np.arange(size)).tolist() if name == BY_NUMBER else None,
            "arms": [
                {
                    "arm": arm,
                    "log_ratios": rng.normal(0.2, 0.01, size).tolist(),
                    "covariance": (1e-4 * (np.eye(size) + 0.3)).tolist(),
                    "df": [200] * size,
                    "views": [800_000] * size,
                    "reasons": [""] * size,
                }
                for arm in ARMS[1:]
            ],
        }

    views = 20_000_000
    found = [cut(each.name, [part.name for part in each.slices]) for each in CUTS]
    return {"time_zone": "UTC", "views": views, "of_views": 5 * views, "cuts": found}


def full_study(changes: dict[int, dict[int, float]], *, ended: bool, summed_up: bool) -> Experiment:
    """Return an experiment with all that its page shows, in a process that has shown another."""
    experiment = pilot(changes)
    if ended:
        now = timezone.now()
        ended_at = {"ended_at": now, "planned_end": now}
        Experiment.objects.filter(pk=experiment.pk).update(state="ended", **ended_at)
    TwoWayError.objects.create(
        experiment=experiment, watermark=Layout.of(experiment).watermark, took_s=100.0,
        sums=1, comparisons=[], inflation=1.2, df=5000.0, cuts=all_cuts(),
    )  # fmt: skip
    if summed_up:  # as the background does within a minute
        assert summaries.renew() == 1
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as the database does by itself of what is committed
    counted_study(slug="small")
    Client().get("/dashboards/small/")  # what a process loads once
    gc.freeze()  # as the web process does
    experiment.refresh_from_db()
    return experiment


STATES = {
    "running": ({}, False, False),
    "just ended, three phases": (CHANGES, True, False),
    "ended a minute ago, three phases": (CHANGES, True, True),
}


@pytest.mark.parametrize(("changes", "ended", "summed_up"), list(STATES.values()), ids=list(STATES))
def test_a_look_at_the_report(
    changes: dict[int, dict[int, float]], *, ended: bool, summed_up: bool
) -> None:
    experiment = full_study(changes, ended=ended, summed_up=summed_up)
    client, looks = Client(), []
    for _ in range(1 + LOOKS):
        start, here = time.perf_counter(), time.process_time()
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(f"/dashboards/{experiment.slug}/")
        took_s = time.perf_counter() - start
        looks.append((len(asked), took_s, time.process_time() - here))
        assert answer.status_code == 200
    (first, *later), weight = looks, len(gzip.compress(answer.content))
    walls, processors = (1000 * median(look[place] for look in later) for place in (1, 2))
    print(
        f"\nfirst: {first[0]} queries, {first[1]:.2f} s ({first[2]:.2f} s of this processor); "
        f"later: {later[0][0]} queries, median {walls:.0f} ms ({processors:.0f} ms of this "
        f"processor); {weight / 1000:.0f} kB gzipped"
    )


def test_the_report_as_one_file() -> None:
    experiment = full_study(CHANGES, ended=True, summed_up=False)
    took_s = []
    for _ in range(2):
        start = time.perf_counter()
        text = as_html(experiment)
        took_s.append(time.perf_counter() - start)
    print(f"\nHTML export: {len(text) / 1e6:.2f} MB, {took_s[0]:.2f} s, again {took_s[1]:.2f} s")
