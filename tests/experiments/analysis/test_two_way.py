"""The two-way error is computed part by part, kept with its watermark, and shown with it."""

import csv
from datetime import timedelta

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from experiments import tasks
from experiments.advisory_locks import TWO_WAY_LOCK
from experiments.analysis import kept_counts, queries, two_way
from experiments.analysis.layout import Layout
from experiments.analysis.report.build import build
from experiments.analysis.report.cache import current
from experiments.analysis.report.document import as_document
from experiments.analysis.report.text import as_text
from experiments.analysis.stats.coded_sums import CodedSums
from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.engine import estimate
from experiments.analysis.stats.inclusion import least_views
from experiments.analysis.stats.results import Comparison
from experiments.analysis.stats.standardise import joined
from experiments.analysis.stats.unit_noise import UnitNoise
from experiments.events.rollup import roll_up
from experiments.metrics import PRIMARY
from experiments.models import Experiment, TwoWayError
from experiments.unit import Unit
from tests.experiments.beacons import visit
from tests.experiments.world import make_experiment

# The computation takes a snapshot, which a test's own transaction would keep from it.
pytestmark = pytest.mark.django_db(transaction=True)


def visited(viewers: range) -> None:
    rng = np.random.default_rng(viewers.start)
    for viewer in viewers:
        visit(f"v{viewer}", clicks=lambda _: rng.random() < 0.5)


@pytest.fixture
def experiment() -> Experiment:
    made = make_experiment(videos=12)
    visited(range(30))
    roll_up()
    return made


@pytest.mark.parametrize("views_a_part", [10**9, 90])
def test_it_is_that_of_all_cells_at_once(
    experiment: Experiment, views_a_part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(two_way, "VIEWS_A_PART", views_a_part)
    found = two_way.compute(experiment.pk)
    assert found is not None
    layout = Layout.of(experiment)
    counts = joined(kept_counts.video_counts(layout))[0]
    least = least_views(counts, experiment.min_views)
    sums = queries.viewer_measures(layout, PRIMARY.measures).of(PRIMARY)
    lines = compare(estimate(sums, Unit.VIEWER_VIDEO, min_views=least).mean_ctr)
    assert found.sums == 360
    noise = UnitNoise.none(counts).plus(CodedSums.of(sums))
    assert found.noise is not None
    assert found.noise["value"] == pytest.approx(noise.dispersion().value)
    for kept, line in zip(found.comparisons, lines, strict=True):
        expected = line.simultaneous_improvement
        assert kept["arm"] == line.arm
        assert [kept["improvement"], kept["low"], kept["high"]] == pytest.approx(
            [expected.value, expected.low, expected.high]
        )
        assert kept["p_value"] == pytest.approx(line.p_value_adjusted)


def test_an_arm_that_waits_does_not_keep_the_others_from_being_widened() -> None:
    waits = make_experiment(videos=12, weights=(1, 1, 0))
    visited(range(30))
    roll_up()
    found = two_way.compute(waits.pk)
    assert found is not None
    assert found.df == 11
    assert 1 <= found.inflation < 10


def test_where_viewers_are_the_sample_their_course_is_drawn(client: Client) -> None:
    made = make_experiment(videos=12, unit=Unit.VIEWER)
    visited(range(30))
    roll_up()
    address = f"/dashboards/{made.slug}/"
    assert "computed aside" in client.get(address).content.decode()
    found = two_way.compute(made.pk)
    assert found is not None
    assert len(found.course) == 1
    page = client.get(address).content.decode()
    assert 'id="title-bands"' in page
    assert "are not in it yet" not in page
    bands = list(csv.reader(client.get(f"{address}charts/bands.csv").content.decode().split("\n")))
    for row, line in zip(bands[1:], report_of_viewers(made), strict=False):
        last = line.simultaneous_difference
        assert [float(cell) for cell in row[2:]] == pytest.approx([last.value, last.low, last.high])
    visited(range(100, 103))
    roll_up()
    assert "are not in it yet" in client.get(address).content.decode()


def test_where_videos_are_the_sample_no_course_is_kept(experiment: Experiment) -> None:
    found = two_way.compute(experiment.pk)
    assert found is not None
    assert found.course == []


def report_of_viewers(experiment: Experiment) -> list[Comparison]:
    """Return the comparisons of the report, the last look of the course."""
    return [arm.comparison for arm in build(experiment).arms if arm.comparison]


def test_reports_show_it_and_say_when_its_counts_are_older(
    experiment: Experiment, client: Client
) -> None:
    assert current(experiment).two_way is None
    tasks.two_way()
    report = current(experiment)
    assert report.two_way is not None
    assert report.two_way.current
    assert "of these counts." in " ".join(as_text(report).split())
    assert as_document(report)["two_way"]["arms"][1]["arm"] == "gevaden"
    page = client.get(f"/dashboards/{experiment.slug}/").content.decode()
    assert "360 sums by viewer" in page.replace("\N{NO-BREAK SPACE}", " ")
    visited(range(100, 103))
    roll_up()
    assert "older counts" in as_text(build(experiment))


def test_it_counts_events_that_no_rollup_has_seen(experiment: Experiment) -> None:
    visited(range(100, 103))
    call_command("two_way", experiment.slug)
    assert TwoWayError.objects.get().sums == 396
    roll_up()
    assert "older counts" in as_text(current(experiment))


def test_it_is_renewed_when_the_counts_have_grown_and_it_has_rested(
    experiment: Experiment,
) -> None:
    assert list(two_way.due()) == [experiment.pk]
    tasks.two_way()
    assert list(two_way.due()) == []
    visited(range(100, 103))
    roll_up()
    rested = timezone.now() - timedelta(seconds=1000)
    TwoWayError.objects.update(took_s=10.0, made_at=rested + timedelta(seconds=100))
    assert list(two_way.due()) == []
    TwoWayError.objects.update(made_at=rested)
    assert list(two_way.due()) == [experiment.pk]


def test_a_draft_and_an_experiment_without_counts_have_nothing_due() -> None:
    make_experiment()
    assert list(two_way.due()) == []


def test_only_one_computes_it_at_a_time(experiment: Experiment) -> None:
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [TWO_WAY_LOCK, experiment.pk])
        with pytest.raises(CommandError, match="another process is computing it"):
            call_command("two_way", experiment.slug)
        # Closing alone would let go of it when the server notices.
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [TWO_WAY_LOCK, experiment.pk])
    other.close()
    call_command("two_way", experiment.slug)


def test_an_unknown_experiment_is_refused() -> None:
    with pytest.raises(CommandError, match="must be an experiment"):
        call_command("two_way", "unknown")


def test_one_with_wrong_rows_is_refused_in_a_sentence(experiment: Experiment) -> None:
    experiment.arms.all().delete()
    with pytest.raises(CommandError, match=r"pilot: arms == \(\), must be a control"):
        call_command("two_way", "pilot")
