"""A month of traffic is repeatable, in order, and as large as asked for."""

import numpy as np
import pytest

from experiments.simulation.month import DAY_MS, Month, sequence_in_ms

MONTH = Month(videos=300, viewers=2000, views=60_000, days=28, first_weekday=0,
              popularity_shape=4.0, seed=5)  # fmt: skip


def test_any_day_can_be_drawn_again() -> None:
    all_days = list(MONTH.draw())
    again = MONTH.draw_day(17)
    assert np.array_equal(all_days[17].offset_ms, again.offset_ms)
    assert np.array_equal(all_days[17].video, again.video)
    assert not np.array_equal(all_days[16].video[:100], again.video[:100])


def test_views_are_in_order_and_in_range() -> None:
    for day in MONTH.draw():
        assert (np.diff(day.offset_ms) >= 0).all()
        assert 0 <= day.offset_ms[0] <= day.offset_ms[-1] < DAY_MS
        assert (day.video >= 0).all()
        assert (day.video < 300).all()
        assert (day.viewer < 2000).all()
        assert ((day.luck >= 0) & (day.luck < 1)).all()


def test_the_month_has_the_views_asked_for_and_busy_weekends() -> None:
    counts = np.array([len(day.video) for day in MONTH.draw()])
    assert counts.sum() == pytest.approx(60_000, abs=5 * np.sqrt(60_000))
    by_weekday = counts.reshape(4, 7).sum(axis=0)
    assert by_weekday[5] > by_weekday[1]
    assert MONTH.day_shares.sum() == pytest.approx(1.0)


def test_popularity_is_uneven_as_asked() -> None:
    shares = np.diff(np.concatenate(([0.0], MONTH.popularity)))
    assert MONTH.popularity[-1] == 1.0
    # A gamma of shape k has a coefficient of variation of 1/sqrt(k).
    assert shares.std() / shares.mean() == pytest.approx(0.5, rel=0.2)


def test_sequences_number_equal_times() -> None:
    assert sequence_in_ms(np.array([3, 3, 5, 7, 7, 7])).tolist() == [0, 1, 0, 0, 1, 2]
    assert sequence_in_ms(np.array([], dtype=np.int64)).tolist() == []
