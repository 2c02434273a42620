"""Bulk rows arrive whole, in their days, or not at all."""

import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction

from experiments.errors import EventsError
from experiments.events.bulk import copy_events, is_stored, store_new
from experiments.events.columns import EventColumns, sift
from experiments.events.keys import DAY_MS, HOUR_MS, event_key, impression_id
from experiments.measures import Step
from experiments.models import Event

pytestmark = pytest.mark.django_db
START_MS = 6000 * DAY_MS


def columns(count: int, *, watched: bool = False, spacing_ms: int = HOUR_MS) -> EventColumns:
    rng = np.random.default_rng(1)
    ms = START_MS + np.arange(count, dtype=np.int64) * spacing_ms
    keys = event_key(impression_id(ms, 3, np.zeros(count, dtype=np.int64)), Step.WATCHED)
    return EventColumns(
        key=keys, viewer=rng.integers(0, 2**63, count), video=rng.integers(0, 2**31, count),
        cell=rng.integers(0, 2**15, count), context=rng.integers(0, 2**15, count),
        watched_ms=np.arange(count) % 3 - 1 if watched else None,
    )  # fmt: skip


def test_rows_are_what_was_given() -> None:
    given = columns(50, watched=True)
    copy_events(given)
    names = ("key", "viewer", "video", "cell", "context", "watched_ms")
    rows = Event.objects.order_by("key").values_list(*names)
    columns_given = [getattr(given, name).tolist() for name in names]
    columns_given[-1] = [None if ms == -1 else ms for ms in columns_given[-1]]
    assert list(rows) == list(zip(*columns_given, strict=True))
    with connection.cursor() as cursor:
        cursor.execute("SELECT hours FROM experiments_arrival")
        assert cursor.fetchall() == [([START_MS // HOUR_MS + i for i in range(50)],)]


def test_more_rows_than_one_part() -> None:
    copy_events(columns(70_000, spacing_ms=1))
    assert Event.objects.count() == 70_000


def test_a_chunk_with_a_stored_row_leaves_nothing() -> None:
    first = columns(10)
    assert not is_stored(int(first.key[0]))
    copy_events(first)
    assert is_stored(int(first.key[0]))
    with pytest.raises(IntegrityError), transaction.atomic():
        copy_events(columns(20))
    assert Event.objects.count() == 10


def test_sifting_orders_and_counts_what_is_no_event_of_its_own() -> None:
    first, second, third = (64, 128, 192)
    keys = [second | Step.CLICK, first | Step.VIEWABLE, second | Step.VIEWABLE, third | Step.CLICK,
            first | Step.VIEWABLE, second | Step.CLICK, first | Step.LOADED]  # fmt: skip
    places = np.arange(len(keys))
    events = EventColumns(key=np.array(keys), viewer=places, video=places, cell=places,
                          context=places)  # fmt: skip
    kept, refused = sift(events)
    assert kept.key.tolist() == [65, 66, 130, 132]
    assert kept.viewer.tolist() == [6, 1, 2, 0]
    assert refused == {"duplicate": 2, "no_impression": 1}
    nothing, none_refused = sift(events.take(places[:0]))
    assert (len(nothing.key), none_refused) == (0, {})
    only_a_click, refused = sift(events.take(places[:1]))
    assert (len(only_a_click.key), refused) == (0, {"no_impression": 1})


def test_late_rows_find_room_in_a_day_that_is_closed() -> None:
    """A full index would split every page for a few late rows, and double."""
    even = columns(40_000, spacing_ms=2)
    copy_events(even)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size('experiments_event_20260606_pkey')")
        before = cursor.fetchone()[0]
        late = EventColumns(
            **{name: getattr(even, name)[::100] for name in ("viewer", "video", "cell", "context")},
            key=even.key[::100] + (1 << 22),
        )
        assert len(store_new(late)) == 400
        cursor.execute("SELECT pg_relation_size('experiments_event_20260606_pkey')")
        assert cursor.fetchone()[0] < 1.1 * before


@pytest.mark.parametrize(
    ("name", "values"),
    [("video", [2**31]), ("cell", [2**15]), ("context", [-1]), ("viewer", [1, 2]), ("key", [-1])],
)
def test_refuses_what_the_table_cannot_hold(name: str, values: list[int]) -> None:
    given = {column: np.array([1]) for column in ("key", "viewer", "video", "cell", "context")}
    with pytest.raises(EventsError, match=f"{name}.* must be"):
        EventColumns(**given | {name: np.array(values)})
