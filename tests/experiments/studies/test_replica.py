"""The replica writes its month once, can be stopped, and agrees with what HTTP would count."""

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from pytest_django import Settings

from experiments.analysis import kept_counts, queries
from experiments.analysis.layout import Layout
from experiments.errors import ExperimentError
from experiments.events import bulk, id_blocks
from experiments.events.columns import EventColumns
from experiments.events.count_check import check, counted_days
from experiments.events.ingest import signer
from experiments.events.keys import (
    DAY_MS,
    END_MS,
    event_key,
    first_key,
    impression_id,
    ms_of,
)
from experiments.events.rollup import roll_up
from experiments.events.tokens import Impression, viewer_number
from experiments.measures import Step
from experiments.models import Event, Experiment, Rejection, Video
from experiments.serving import allocation_phases
from experiments.studies import replica
from experiments.studies.replica.rows import CRAWLER, LATE, ON_TIME, Arrivals, Rows
from experiments.studies.replica.writing import store
from experiments.studies.simulation.catalogue import drawn_catalogue
from experiments.studies.simulation.month import Fate, Habits
from tests.experiments.world import BROWSER, make_experiment

pytestmark = pytest.mark.django_db

ENTRIES = drawn_catalogue(20, seed=1)
OFTEN = Habits(bots=0.1, lost=0.1, late=0.1, twice=0.1, twice_late=0.1, strays=0.02)


def prepare(slug: str = "replica", scale: float = 0.01, seed: int = 1) -> replica.Replica:
    return replica.prepare(slug, ENTRIES, scale=scale, seed=seed, catalogue="Drawn.")


def often(drawn: replica.Replica) -> replica.Replica:
    """Return the replica with habits that are seen at a small scale too."""
    return replace(drawn, month=replace(drawn.month, habits=OFTEN))


def rows() -> list[tuple[int, ...]]:
    return list(Event.objects.order_by("key").values_list("key", "viewer", "video", "context"))


def test_counts_are_those_of_the_rows() -> None:
    drawn = often(prepare())
    written = list(replica.write(drawn))
    roll_up()
    gross = kept_counts.video_counts(Layout.of(drawn.experiment), include_bots=True).total()
    net = kept_counts.video_counts(Layout.of(drawn.experiment)).total()
    keys = [key for key, *_ in rows()]
    assert len(keys) == sum(day.stored for day in written)
    assert gross.views.sum() == sum(key % 8 == Step.VIEWABLE for key in keys)
    assert gross.clicks.sum() == sum(key % 8 == Step.CLICK for key in keys)
    flagged = [row for row in rows() if row[0] % 8 == Step.VIEWABLE and row[3] >> 10]
    assert gross.views.sum() - net.views.sum() == len(flagged) > 0
    assert net.views.sum() == pytest.approx(20 * 10_752 * 0.01, rel=0.35)
    # Equal propensities within three per cent: the arms are weighted by the paper's mPV.
    assert net.views.sum(axis=0) / net.views.sum() == pytest.approx([0.33, 0.335, 0.335], abs=0.05)
    assert drawn.experiment.simulated.startswith("The paper's pilot at 1 % of its traffic")
    assert check(counted_days()) == []


def test_what_is_refused_is_counted_once() -> None:
    drawn = often(prepare(scale=0.02))
    refused = sum((day.refused for day in replica.write(drawn)), Counter[str]())
    assert set(refused) == {"duplicate", "no_impression"}
    assert queries.rejections() == refused
    list(replica.write(drawn))
    assert queries.rejections() == refused


def test_writing_again_changes_nothing() -> None:
    assert sum(day.stored for day in replica.write(prepare())) == len(rows())
    before = rows()
    assert sum(day.stored for day in replica.write(prepare())) == 0
    assert rows() == before
    assert Video.objects.count() == len(ENTRIES)


def test_an_interrupted_run_goes_on() -> None:
    list(islice(replica.write(prepare()), 11))
    half = len(rows())
    list(replica.write(prepare()))
    whole = rows()
    assert half < len(whole)
    Event.objects.all().delete()
    list(replica.write(prepare()))
    assert rows() == whole


def test_the_same_seed_gives_the_same_rows_whatever_the_primary_keys() -> None:
    first, second = prepare("first"), prepare("second")
    assert set(first.video_ids).isdisjoint(second.video_ids)
    one, other = (
        Rows(r, allocation_phases.plan(r.experiment), np.arange(3, dtype=np.int16), 7)
        for r in (first, second)
    )
    for day in (0, 17):
        a, b = (Arrivals.joined(list(drawn.of_day(day))) for drawn in (one, other))
        for part in ("on_time", "late"):
            left, right = getattr(a, part), getattr(b, part)
            for column in ("key", "viewer", "cell", "context"):
                assert np.array_equal(getattr(left, column), getattr(right, column))
            assert np.array_equal(
                left.video - first.video_ids[0], right.video - second.video_ids[0]
            )
        assert a.refused == b.refused


def test_late_events_land_in_their_day_and_lost_ones_nowhere() -> None:
    drawn = often(prepare(scale=0.02))
    written = list(replica.write(drawn))
    for number, (day, views) in enumerate(zip(written, drawn.month.draw(), strict=True)):
        first = ms_of(replica.FIRST_DAY + timedelta(days=number))
        keys = Event.objects.filter(
            key__gte=first_key(first), key__lt=first_key(first + DAY_MS)
        ).values_list("key", flat=True)
        assert len(keys) == day.stored
        seen = sum(key % 8 == Step.VIEWABLE for key in keys)
        assert seen == (views.fate != Fate.LOST).sum()
        assert day.refused["no_impression"] == len(views.strays)


def test_another_replica_needs_another_slug() -> None:
    prepare()
    with pytest.raises(ExperimentError, match="choose another slug"):
        prepare(seed=2)
    prepare("other", seed=2)
    with pytest.raises(ExperimentError, match=r"scale == 1\.5"):
        prepare("third", scale=1.5)


def test_http_and_bulk_give_identical_counts() -> None:
    """The same viewers, shown the same arms, clicking the same: once by HTTP, once by COPY."""
    experiment = make_experiment("by-http", videos=4)
    twin = Experiment.objects.create(
        slug="by-copy", name="twin", salt=experiment.salt, state=Experiment.State.RUNNING,
        started_at=experiment.started_at,
    )  # fmt: skip
    for arm in experiment.arms.all():
        twin.arms.create(index=arm.index, name=arm.name, selector=arm.selector, weight=arm.weight)
    allocation_phases.start(twin)
    client, rng = Client(headers={"user-agent": BROWSER}), np.random.default_rng(1)
    cells, seen = allocation_phases.cells(twin), []
    for viewer in range(40):
        text = f"viewer-{viewer}"
        slots = client.get(f"/api/feed?viewer={text}&experiment=by-http").json()["slots"]
        events = []
        for slot in slots:
            clicked = bool(rng.random() < 0.3)
            events += [{"token": slot["token"], "step": "viewable"}]
            events += [{"token": slot["token"], "step": "click"}] if clicked else []
            video = Video.objects.get(slug=slot["video"]["slug"]).pk
            seen.append((text, video, cells[slot["arm"]], clicked))
        answer = client.post(
            "/api/events", json.dumps({"events": events}), content_type="application/json"
        )
        assert answer.json()["accepted"] == len(events)
    _copy(seen)
    roll_up()
    http, copied = (
        kept_counts.video_counts(Layout.of(experiment)).total(),
        kept_counts.video_counts(Layout.of(twin)).total(),
    )
    assert np.array_equal(http.views, copied.views)
    assert np.array_equal(http.clicks, copied.clicks)
    assert http.views.sum() == 160
    assert http.clicks.sum() > 20


def _copy(seen: list[tuple[str, int, int, bool]]) -> None:
    from django.conf import settings  # noqa: PLC0415  configured by the test

    block = id_blocks.lease_block(0, DAY_MS, "a test")
    impressions = impression_id(np.arange(len(seen)), block.number, np.zeros(len(seen), int))
    clicked = np.array([row[3] for row in seen])
    keys = (event_key(impressions, Step.VIEWABLE), event_key(impressions[clicked], Step.CLICK))
    index = np.concatenate((np.arange(len(seen)), np.flatnonzero(clicked)))
    numbers = np.array([viewer_number(row[0], settings.VIEWER_KEY) for row in seen])
    bulk.copy_events(
        EventColumns(
            key=np.concatenate(keys),
            viewer=numbers[index],
            video=np.array([row[1] for row in seen])[index],
            cell=np.array([row[2] for row in seen])[index],
            context=np.zeros(len(index), dtype=np.int64),
        )
    )


def test_http_and_copy_take_lost_late_repeated_and_stray_events_alike(
    settings: Settings,
) -> None:
    """A day of the month, crawlers and all: once by the real endpoint, once by COPY."""
    settings.TOKEN_LIFETIME_S = 50 * 365 * 86_400  # the month is long past
    signer.cache_clear()
    by_copy, by_http = (often(prepare(slug, scale=0.02)) for slug in ("by-copy", "by-http"))
    block = id_blocks.lease_block(0, END_MS, "a test").number
    copied = store(Rows.of(by_copy, 6).of_day(5), "a test")
    refused_by_copy = queries.rejections()
    Rejection.objects.all().delete()
    _post(by_http, Rows.of(by_http, block), day=5)
    signer.cache_clear()
    roll_up()
    for bots in (False, True):
        left, right = (
            kept_counts.video_counts(Layout.of(drawn.experiment), include_bots=bots).total()
            for drawn in (by_copy, by_http)
        )
        assert np.array_equal(left.views, right.views)
        assert np.array_equal(left.clicks, right.clicks)
        assert left.clicks.sum() > 10
    refused = queries.rejections()
    assert refused["duplicate"] == refused_by_copy["duplicate"] > 10
    assert refused["forged"] == refused_by_copy["no_impression"] > 0
    assert copied.refused == refused_by_copy


def _post(drawn: replica.Replica, rows_: Rows, day: int) -> None:
    """Send what arrives of a day as browsers and crawlers would, the late after a rollup."""
    views = drawn.month.draw_day(day)
    shown = rows_.show(views, ms_of(replica.FIRST_DAY) + day * DAY_MS)
    tokens = [
        signer().sign(
            Impression(id=int(shown.impression[i]), viewer=int(shown.viewer[i]),
                       video=int(shown.video[i]), experiment=drawn.experiment.pk, phase=1,
                       arm=int(shown.arm[i]), position=int(views.position[i]), propensity=1 / 3)
        )
        for i in range(len(views.fate))
    ]  # fmt: skip
    crawls = views.viewer >= drawn.month.viewers

    def send(chosen: np.ndarray, agent: str) -> None:
        for i in np.flatnonzero(chosen):
            steps = ["viewable", "click"] if shown.clicked[i] else ["viewable"]
            _receive([{"token": tokens[i], "step": step} for step in steps], agent)

    for fates in (ON_TIME, (Fate.TWICE,), LATE):
        arriving = np.isin(views.fate, fates)
        send(arriving & crawls, CRAWLER)
        send(arriving & ~crawls, BROWSER)
        roll_up()
    made_up = tokens[0][:-3] + ("AAA" if tokens[0][-3:] != "AAA" else "BBB")
    for _ in views.strays:
        _receive([{"token": made_up, "step": "click"}], BROWSER)


def _receive(events: list[dict[str, str]], agent: str) -> None:
    client = Client(headers={"user-agent": agent})
    client.post("/api/events", json.dumps({"events": events}), content_type="application/json")


@pytest.fixture
def tiny(tmp_path: Path) -> list[str]:
    """Return the command for 20 videos from a file."""
    path = tmp_path / "catalogue.json"
    path.write_text(json.dumps({entry.key: {"seconds": entry.duration_s} for entry in ENTRIES}))
    return ["replicate_pilot", "--scale", "0.01", "--slug", "tiny", "--catalogue", str(path)]


@pytest.mark.django_db(transaction=True)
def test_the_command_writes_counts_and_prints_table_3(
    capsys: pytest.CaptureFixture[str], tiny: list[str]
) -> None:
    call_command(*tiny)
    printed = capsys.readouterr().out
    for word in ("of 20 videos", "duplicates", "as printed in the paper", "7.29 %", "p adjusted",
                 "Videos:", "no impression"):  # fmt: skip
        assert word in printed
    experiment = Experiment.objects.get(slug="tiny")
    assert kept_counts.video_counts(Layout.of(experiment)).total().views.sum() > 1_000
    assert check(counted_days()) == []
    call_command(*tiny)
    assert "stored 0 events" in capsys.readouterr().out
    with pytest.raises(CommandError, match="scale == 2"):
        call_command("replicate_pilot", "--scale", "2")
    with pytest.raises(CommandError, match="cannot be read as JSON"):
        call_command("replicate_pilot", "--catalogue", "/dev/null")


@pytest.mark.django_db(transaction=True)
def test_a_database_that_fails_says_how_to_go_on(
    capsys: pytest.CaptureFixture[str], tiny: list[str]
) -> None:
    """The server refuses a file in the midst of the month, as one whose disk is full does."""
    with connection.cursor() as cursor:
        cursor.execute(REFUSE_A_DAY)
    try:
        with pytest.raises(CommandError, match=r"no space left(.|\n)*run the same command again"):
            call_command(*tiny)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER refuse ON experiments_arrival; DROP FUNCTION refuse")
    half = Event.objects.count()
    assert half > 0
    call_command(*tiny)
    assert Event.objects.count() > 2 * half
    capsys.readouterr()
    assert check(counted_days()) == []


# The arrival of 9 June comes with that day's events, in their transaction.
REFUSE_A_DAY = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.hours[1] / 24 >= date '2020-06-09' - date '2010-01-01' THEN
        RAISE EXCEPTION USING ERRCODE = 'disk_full', MESSAGE = 'no space left on device';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse BEFORE INSERT ON experiments_arrival FOR EACH ROW EXECUTE FUNCTION refuse();
"""
