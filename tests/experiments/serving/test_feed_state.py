"""The feed's snapshot is renewed by its age alone, and is never old."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection
from pytest_django import DjangoAssertNumQueries

from experiments.errors import NotReadyError
from experiments.models import Experiment, Thumbnail, Video
from experiments.serving import feed_state
from experiments.serving.feed_state import MAX_AGE_S, RENEW_AFTER_S, FeedState
from experiments.serving.picture_rows import Pictures
from experiments.serving.snapshot import Snapshot, read_snapshot, read_version
from tests.experiments.world import make_experiment, make_video

pytestmark = pytest.mark.django_db
THE_SAME = 7  # a version


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@contextmanager
def database_away() -> Iterator[None]:
    def refuse(*_: object) -> Any:
        raise OperationalError("the connection is closed")

    with connection.execute_wrapper(refuse):
        yield


def slugs(state: FeedState) -> list[str]:
    return [live.slug for live in state.snapshot().experiments]


@pytest.mark.parametrize("quiet_s", [MAX_AGE_S + 0.001, 20.0, 86_400.0])
def test_a_start_and_an_end_are_seen_however_long_it_was_quiet(
    clock: Clock, quiet_s: float
) -> None:
    state = FeedState(clock)
    assert slugs(state) == []
    experiment = make_experiment()
    assert slugs(state) == []
    clock.now_s += quiet_s
    assert slugs(state) == ["pilot"]
    Experiment.objects.filter(pk=experiment.pk).update(state="ended", ended_at="2100-01-01T00:00Z")
    clock.now_s += quiet_s
    assert slugs(state) == []


def test_a_young_snapshot_costs_no_query_and_an_unchanged_one_a_single_one(
    clock: Clock, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_experiment()
    state = FeedState(clock)
    first = state.snapshot()
    clock.now_s += RENEW_AFTER_S
    with django_assert_num_queries(0):
        assert state.snapshot() is first
    clock.now_s += 0.001
    with django_assert_num_queries(1):
        assert state.snapshot() is first
    clock.now_s += RENEW_AFTER_S
    with django_assert_num_queries(0):
        assert state.snapshot() is first


@pytest.mark.parametrize("table", ["experiment", "arm", "phase", "members", "thumbnail", "video"])
def test_whatever_is_shown_changes_the_version(clock: Clock, table: str) -> None:
    experiment = make_experiment()
    state = FeedState(clock)
    before = state.snapshot()
    changes: dict[str, Callable[[], object]] = {
        "experiment": lambda: Experiment.objects.update(simulated="by dice"),
        "arm": lambda: experiment.arms.filter(index=1).update(selector="gevaden"),
        "phase": lambda: experiment.phases.update(ramp=0.5),
        "members": lambda: experiment.videos.remove(experiment.videos.all()[0]),
        "thumbnail": lambda: Thumbnail.objects.filter(selector="raw").update(width=1),
        "video": lambda: Video.objects.filter(slug="pilot-0").update(title="Another"),
    }
    changes[table]()
    state.refresh()
    assert state.snapshot() is not before


def test_what_is_not_shown_leaves_the_snapshot_alone(clock: Clock) -> None:
    make_experiment()
    state = FeedState(clock)
    before = state.snapshot()
    Video.objects.update(state=Video.State.WAITING, step=Video.MakingStep.PROBE, attempts=1)
    Video.objects.create(slug="new", title="Without a thumbnail")
    state.refresh()
    assert state.snapshot() is before


def test_without_the_database_a_good_snapshot_serves_and_an_old_one_does_not(clock: Clock) -> None:
    make_experiment()
    state = FeedState(clock)
    good = state.snapshot()
    with database_away():
        clock.now_s += MAX_AGE_S
        assert state.snapshot() is good
        clock.now_s += 0.001
        with pytest.raises(OperationalError):
            state.snapshot()
    clock.now_s += 0.001
    assert state.snapshot() is good


def test_the_age_counts_from_before_the_question(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_experiment()

    def slowly() -> int:
        version = read_version()
        clock.now_s += RENEW_AFTER_S
        return version

    monkeypatch.setattr(feed_state, "read_version", slowly)
    state = FeedState(clock)
    state.snapshot()
    clock.now_s += 0.001
    with django_assert_num_queries(1):
        state.snapshot()


def test_reading_that_takes_long_is_looked_at_again(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_experiment()
    state = FeedState(clock)

    def slowly(before: Snapshot | None) -> Any:
        clock.now_s += 2 * MAX_AGE_S
        return read_snapshot(before)

    monkeypatch.setattr(feed_state, "read_snapshot", slowly)
    assert slugs(state) == ["pilot"]

    def slowly_while_it_changes(before: Snapshot | None) -> Any:
        make_video(f"new-{Video.objects.count()}")
        return slowly(before)

    monkeypatch.setattr(feed_state, "read_snapshot", slowly_while_it_changes)
    make_video("one-more")
    clock.now_s += 2 * MAX_AGE_S
    with pytest.raises(NotReadyError, match="changes while it is read"):
        state.snapshot()


class Gate:
    """Counts who asks for the version, and lets nobody through until it is opened."""

    def __init__(self) -> None:
        self.asked = threading.Semaphore(0)
        self.times = 0
        self.error: Exception | None = None
        self._open = threading.Event()

    def pass_through(self) -> int:
        self.times += 1
        self.asked.release()
        assert self._open.wait(60)
        if self.error is not None:
            raise self.error
        return THE_SAME

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    made = Gate()
    monkeypatch.setattr(feed_state, "read_version", made.pass_through)
    return made


def test_one_request_renews_ahead_and_the_others_go_on(clock: Clock, gate: Gate) -> None:
    state = held_since(clock, gate)
    before = state.snapshot()
    clock.now_s += RENEW_AFTER_S + 0.001
    with ThreadPoolExecutor(1) as pool:
        renewing = pool.submit(state.snapshot)
        assert gate.asked.acquire(timeout=60)
        assert state.snapshot() is before
        gate.open()
        assert renewing.result() is before
    assert gate.times == 1


def test_all_wait_for_the_one_who_renews_what_is_too_old(clock: Clock, gate: Gate) -> None:
    state = held_since(clock, gate)
    clock.now_s += MAX_AGE_S + 0.001
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(state.snapshot) for _ in range(4)]
        assert gate.asked.acquire(timeout=60)
        assert not any(each.done() for each in waiting)
        gate.open()
        assert len({id(each.result()) for each in waiting}) == 1
    assert gate.times == 1


def test_who_waited_for_one_that_failed_is_told_so_at_once(clock: Clock, gate: Gate) -> None:
    state, gate.error = FeedState(clock), OperationalError("the connection is closed")
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(state.snapshot) for _ in range(4)]
        assert gate.asked.acquire(timeout=60)
        gate.open()
        told = Counter(type(each.exception()) for each in waiting)
    assert told == {OperationalError: 1, NotReadyError: 3}
    assert gate.times == 1
    clock.now_s += 0.001
    with pytest.raises(OperationalError):
        state.snapshot()


def held_since(clock: Clock, gate: Gate) -> FeedState:
    """Return a state that holds a snapshot of now, which threads can renew without a database."""
    state = FeedState(clock)
    state._held = feed_state._Held(
        Snapshot((), (), {}, {}, {}, {}, {}, Pictures({}, {})), THE_SAME, clock.now_s
    )
    state.ids.renew()
    return state
