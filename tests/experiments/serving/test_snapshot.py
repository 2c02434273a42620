"""The version of what is served: the database counts every change, whoever makes it."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from experiments.design import ArmDesign
from experiments.models import Experiment, Thumbnail, Video
from experiments.serving import lifecycle
from experiments.serving.snapshot import Snapshot, read_snapshot, read_version
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db
EMPTY = "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE experiments_thumbnail"
_TRIGGERED = (
    "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'served_change'"
)


def test_every_table_that_is_read_counts_its_changes() -> None:
    """A table that joins the snapshot needs the trigger; this is where one is told so."""
    make_experiment()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        read_snapshot()
    read = set(re.findall(r'(?:FROM|JOIN) "(\w+)"', " ".join(each["sql"] for each in asked)))
    with connection.cursor() as cursor:
        cursor.execute(_TRIGGERED)
        assert {table for (table,) in cursor.fetchall()} >= read
    assert len(read) >= 6


ACTS: dict[str, Callable[[Experiment], object]] = {
    "change": lambda experiment: lifecycle.change(experiment, ramp=0.5),
    "drop": lambda experiment: lifecycle.drop(experiment, "gevaden"),
    "add": lambda experiment: lifecycle.add_arm(experiment, ArmDesign("late", "gevaden")),
    "pause": lifecycle.pause,
    "end": lifecycle.end,
    "another draft started": lambda _: make_experiment("other", videos=1),
    "a thumbnail is made": lambda _: new_thumbnail(),
    "a thumbnail is replaced": lambda _: Thumbnail.objects.filter(selector="raw").update(
        file="x", renditions=[]
    ),
    "a video is deleted": lambda _: Video.objects.filter(slug="pilot-0").delete(),
    "a video leaves": lambda experiment: experiment.videos.remove(experiment.videos.all()[0]),
    "a video is renamed": lambda _: Video.objects.filter(slug="pilot-0").update(title="Another"),
    "the experiment is deleted": lambda experiment: experiment.delete(),
    "all is emptied": lambda _: sql(EMPTY),
}


def new_thumbnail() -> None:
    made = Thumbnail.objects.filter(selector="raw")[0]
    made.pk, made.selector = None, "hecate"
    made.save()


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("act", ACTS)
def test_every_act_is_counted_and_read_upon_what_was_known(act: str) -> None:
    experiment = make_experiment()
    version, before = read_version(), read_snapshot()
    ACTS[act](experiment)
    assert read_version() > version
    assert shown(read_snapshot(before)) == shown(read_snapshot())
    assert shown(before) != shown(read_snapshot())


def shown(snapshot: Snapshot) -> list[object]:
    """Return all that a snapshot shows, as values."""
    live = [(each.slug, each.paused, each.phase, each.plan, each.selectors) for each in
            snapshot.experiments]  # fmt: skip
    entries = [
        (each.pk, each.video, each.pictures, each.default, [of.slug for of in each.experiments])
        for each in snapshot.entries
    ]
    return [live, entries, snapshot.ended, list(snapshot.by_slug), list(snapshot.by_experiment)]


def test_pictures_of_videos_that_have_not_changed_are_taken_over() -> None:
    make_experiment()
    before = read_snapshot()
    Thumbnail.objects.filter(video__slug="pilot-1", selector="raw").update(file="x")
    after = read_snapshot(before)
    same = {slug: entry.pictures is before.by_slug[slug].pictures
            for slug, entry in after.by_slug.items()}  # fmt: skip
    assert same == {"pilot-0": True, "pilot-1": False, "pilot-2": True}


@contextmanager
def another_session() -> Iterator[Any]:
    known = connection.get_connection_params()
    named = {name: known[name] for name in ("user", "password", "host", "port") if known.get(name)}
    other = psycopg2.connect(dbname=known["dbname"], **named)
    try:
        yield other
    finally:
        other.close()


@pytest.mark.django_db(transaction=True)
def test_a_change_counts_from_its_commit_and_keeps_nobody_waiting() -> None:
    make_experiment()
    before = read_version()
    with another_session() as other, other.cursor() as cursor:
        cursor.execute("UPDATE experiments_arm SET selector = 'x' WHERE index = 1")
        assert read_version() == before
        sql("SET lock_timeout = 1")  # who waits for the other session fails
        Thumbnail.objects.filter(selector="raw").update(width=1)
        sql("SET lock_timeout = 0")
        meanwhile = read_version()
        assert meanwhile > before
        other.commit()
        assert read_version() > meanwhile
        cursor.execute("UPDATE experiments_arm SET selector = 'y' WHERE index = 1")
        other.rollback()
        assert read_version() == meanwhile + 1
