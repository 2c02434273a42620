"""Spans of events cover each hour once, and no read keeps rollups waiting for the next."""

import pytest
from django.db import connection, transaction

from experiments.advisory_locks import ROLLUP_LOCK
from experiments.events import scan
from experiments.events.keys import DAY_MS, HOUR_MS, key_ms
from experiments.events.rollup import roll_up
from experiments.events.scan import spans_with_events, views_and_clicks
from tests.experiments.events.journeys import FIRST_DAY, Journey, event_rows, store

HOUR = FIRST_DAY * 24 + 5
MINUTES = [Journey(5 * HOUR_MS + minute * 60_000) for minute in range(60)]


@pytest.mark.django_db
@pytest.mark.parametrize(("at_once", "spans"), [(1_000, 1), (30, 3), (7, 9)])
def test_a_busy_hour_is_read_in_parts(
    at_once: int, spans: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "EVENTS_AT_ONCE", at_once)
    store(MINUTES)
    roll_up()
    found = spans_with_events([1])
    assert len(found) == spans
    assert [found[0][0], found[-1][1]] == [HOUR * HOUR_MS, (HOUR + 1) * HOUR_MS]
    assert [end for _, end in found[:-1]] == [start for start, _ in found[1:]]
    read = [key for span in found for key in views_and_clicks([1], span)["key"].tolist()]
    assert read == sorted(row[0] for row in event_rows(MINUTES))
    for span in found:
        of_span = key_ms(views_and_clicks([1], span)["key"].astype(int))
        assert ((of_span >= span[0]) & (of_span < span[1])).all()


@pytest.mark.django_db
def test_quiet_hours_of_a_day_are_read_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "EVENTS_AT_ONCE", 10)
    hours = (0, 1, 2, 9, 23, 24, 25)  # with four events each
    journeys = [Journey(hour * HOUR_MS + minute) for hour in hours for minute in range(4)]
    store(journeys)
    roll_up()
    found = spans_with_events([1])
    assert [(first // HOUR_MS - FIRST_DAY * 24, -(-end // HOUR_MS) - FIRST_DAY * 24)
            for first, end in found] == [(0, 2), (1, 3), (9, 24), (24, 26)]  # fmt: skip
    read = [key for span in found for key in views_and_clicks([1], span)["key"].tolist()]
    assert read == sorted(row[0] for row in event_rows(journeys))


@pytest.mark.django_db
def test_an_hour_that_is_not_counted_yet_is_read() -> None:
    store(MINUTES)
    (span,) = spans_with_events([1])
    assert views_and_clicks([1], span).size == 60


@pytest.mark.django_db(transaction=True)
def test_a_read_gives_the_rollups_lock_back() -> None:
    other = connection.copy()
    try:
        with transaction.atomic(), other.cursor() as cursor:
            views_and_clicks([1], (FIRST_DAY * DAY_MS, FIRST_DAY * DAY_MS + HOUR_MS))
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [ROLLUP_LOCK])
            assert cursor.fetchone() == (True,)
    finally:
        other.close()
