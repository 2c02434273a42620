"""The replica writes its month once, can be stopped, and agrees with what HTTP would count."""

import json
from itertools import islice

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from experiments import bulk, phases, queries, replica, storage
from experiments.errors import ExperimentError
from experiments.impressions import DAY_MS, Step, event_key, impression_id
from experiments.models import Event, Experiment, Video
from experiments.rollup import roll_up
from experiments.simulation.catalogue import drawn_catalogue
from experiments.tokens import viewer_number
from tests.experiments.world import BROWSER, make_experiment

pytestmark = pytest.mark.django_db

ENTRIES = drawn_catalogue(20, seed=1)


def prepare(slug: str = "replica", scale: float = 0.01, seed: int = 1) -> replica.Replica:
    return replica.prepare(slug, ENTRIES, scale=scale, seed=seed, catalogue="Drawn.")


def rows() -> list[tuple[int, ...]]:
    return list(Event.objects.order_by("key").values_list("key", "viewer", "video", "context"))


def test_counts_are_those_of_the_rows() -> None:
    drawn = prepare()
    written = sum(replica.write(drawn))
    roll_up()
    counts = queries.video_counts(drawn.experiment.pk)
    assert counts.views.sum() == written == sum(key % 8 == Step.VIEWABLE for key, *_ in rows())
    assert counts.clicks.sum() == sum(key % 8 == Step.CLICK for key, *_ in rows())
    assert written == pytest.approx(20 * 10_752 * 0.01, rel=0.1)
    # Equal propensities within three per cent: the arms are weighted by the paper's mPV.
    assert counts.views.sum(axis=0) / written == pytest.approx([0.33, 0.335, 0.335], abs=0.04)
    assert drawn.experiment.simulated.startswith("The paper's pilot at 0.01 of its traffic")


def test_writing_again_changes_nothing() -> None:
    first = sum(replica.write(prepare()))
    before = rows()
    assert sum(replica.write(prepare())) == first
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
    client, rng = Client(headers={"user-agent": BROWSER}), np.random.default_rng(1)
    cells, seen = phases.cells(twin), []
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
    http, copied = queries.video_counts(experiment.pk), queries.video_counts(twin.pk)
    assert np.array_equal(http.views, copied.views)
    assert np.array_equal(http.clicks, copied.clicks)
    assert http.views.sum() == 160
    assert http.clicks.sum() > 20


def _copy(seen: list[tuple[str, int, int, bool]]) -> None:
    from django.conf import settings  # noqa: PLC0415  configured by the test

    block = storage.lease_block(0, DAY_MS, "a test")
    impressions = impression_id(np.arange(len(seen)), block.number, np.zeros(len(seen), int))
    clicked = np.array([row[3] for row in seen])
    keys = (event_key(impressions, Step.VIEWABLE), event_key(impressions[clicked], Step.CLICK))
    index = np.concatenate((np.arange(len(seen)), np.flatnonzero(clicked)))
    numbers = np.array([viewer_number(row[0], settings.VIEWER_KEY) for row in seen])
    bulk.copy_events(
        bulk.EventColumns(
            key=np.concatenate(keys),
            viewer=numbers[index],
            video=np.array([row[1] for row in seen])[index],
            cell=np.array([row[2] for row in seen])[index],
            context=np.zeros(len(index), dtype=np.int64),
        )
    )


def test_the_command_writes_and_counts(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("replicate_pilot", "--scale", "0.0001", "--slug", "tiny")
    assert "of 9,814 videos" in capsys.readouterr().out
    experiment = Experiment.objects.get(slug="tiny")
    assert queries.video_counts(experiment.pk).views.sum() > 9000
    with pytest.raises(CommandError, match="scale == 2"):
        call_command("replicate_pilot", "--scale", "2")
    with pytest.raises(CommandError, match="cannot be read as JSON"):
        call_command("replicate_pilot", "--catalogue", "/dev/null")
