"""A month of traffic is repeatable, in order, and as large as asked for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from experiments.studies.simulation.click_model import PAPER_RATES, ClickModel, draw_population
from experiments.studies.simulation.month import (
    DAY_MS,
    PLACES,
    PLACES_SEEN,
    Fate,
    Habits,
    Month,
    Views,
    sequence_in_ms,
)

MONTH = Month(videos=300, viewers=2000, views=60_000, days=28, first_weekday=0, seed=5)


def people(day: Views, viewers: int = 2000) -> NDArray[np.bool_]:
    return day.viewer < viewers


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
        assert ((day.video >= 0) & (day.video < 300)).all()
        assert ((day.viewer >= 0) & (day.viewer < 2000 + MONTH.bots)).all()
        assert ((day.luck >= 0) & (day.luck < 1)).all()
        assert ((day.position >= 0) & (day.position < PLACES)).all()
        # A page is served at once, and looked at from the top.
        begins = np.flatnonzero(day.position == 0)
        assert (np.diff(day.position)[np.diff(day.offset_ms) == 0] != 0).all()
        assert begins[0] == 0


def test_the_month_has_the_views_asked_for_and_busy_weekends() -> None:
    arrived = [people(day) & (day.fate != Fate.LOST) for day in MONTH.draw()]
    counts = np.array([kept.sum() for kept in arrived])
    # Visits are Poisson and bring 1 to 30 views: variance E[depth^2] = 315 a visit.
    assert counts.sum() == pytest.approx(60_000, abs=5 * np.sqrt(60_000 / 15.5 * 315))
    by_weekday = counts.reshape(4, 7).sum(axis=0)
    assert by_weekday[5] > by_weekday[1]
    assert MONTH.day_shares.sum() == pytest.approx(1.0)


def test_places_are_looked_at_as_often_as_stated() -> None:
    seen = np.bincount(np.concatenate([day.position for day in MONTH.draw()]), minlength=PLACES)
    stated = np.bincount(PLACES_SEEN, minlength=PLACES) / len(PLACES_SEEN)
    assert seen / seen.sum() == pytest.approx(stated, abs=0.01)


def test_popularity_is_uneven_as_asked() -> None:
    # A gamma of shape k has a coefficient of variation of 1/sqrt(k).
    assert MONTH.popularity.std() / MONTH.popularity.mean() == pytest.approx(0.5, rel=0.2)


def test_videos_enter_over_the_month_and_are_not_seen_before() -> None:
    assert (MONTH.entry_day > 0).mean() == pytest.approx(0.3, abs=0.1)
    assert set(MONTH.entry_day) > {0, 1, 27}
    for number, day in enumerate(MONTH.draw()):
        assert (MONTH.entry_day[day.video] <= number).all()
    only = Month(videos=1, viewers=5, views=900, days=5, first_weekday=0, seed=1,
                 habits=Habits(new_videos=0.99))  # fmt: skip
    assert (only.draw_day(0).video == 0).all()


def test_viewers_return_and_a_few_return_often() -> None:
    month = Month(videos=300, viewers=20_000, views=1e6, days=28, first_weekday=0, seed=5)
    visits = np.zeros(20_000, dtype=np.int64)
    days_seen = np.zeros(20_000, dtype=np.int64)
    for day in month.draw():
        begins = (day.position == 0) & (day.viewer < 20_000)
        visits += np.bincount(day.viewer[begins], minlength=20_000)
        days_seen[np.unique(day.viewer[begins])] += 1
    assert (days_seen > 1).mean() > 0.5
    # Of a Pareto law with tail index a, the busiest share q holds q ** (1 - 1 / a) of all visits.
    busiest = np.sort(visits)[::-1]
    assert busiest[:200].sum() / visits.sum() == pytest.approx(0.01 ** (1 - 1 / 2.5), rel=0.1)


def test_crawlers_and_fates_have_their_shares() -> None:
    days = list(MONTH.draw())
    bots = np.concatenate([~people(day) for day in days])
    assert bots.mean() == pytest.approx(0.015, abs=0.006)
    fates = np.bincount(np.concatenate([day.fate for day in days]), minlength=5) / len(bots)
    assert fates[1:] == pytest.approx([0.01, 0.003, 0.005, 0.001], abs=0.002)
    strays = sum(len(day.strays) for day in days)
    assert strays == pytest.approx(0.0001 * len(bots), abs=5 * np.sqrt(0.0001 * len(bots)))


@pytest.mark.parametrize(
    "wrong", [{"bots": 1.0}, {"lost": 0.6, "late": 0.5}, {"viewer_tail": 1.0}, {"new_videos": -0.1}]
)
def test_impossible_habits_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Habits(**wrong)


habits = st.builds(
    Habits, lost=st.floats(0, 0.3), late=st.floats(0, 0.3), bots=st.floats(0, 0.3),
    new_videos=st.floats(0, 0.9), viewer_tail=st.floats(2.0, 6.0),
)  # fmt: skip


@settings(max_examples=8)
@given(habits, st.integers(0, 1000))
def test_mean_rates_are_table_3s_whatever_the_habits(habits: Habits, seed: int) -> None:
    """Of the people's views that arrive, each arm's mean chance is its rate."""
    month = Month(videos=60, viewers=30_000, views=300_000, days=3, first_weekday=0, seed=seed,
                  habits=habits)  # fmt: skip
    population = draw_population(ClickModel(), 60, 30_000 + month.bots, PLACES_SEEN, seed)
    for arm, rate in enumerate(PAPER_RATES.values()):
        views, chances = np.zeros(60), np.zeros(60)
        for day in month.draw():
            kept = people(day, 30_000) & (day.fate != Fate.LOST)
            video = day.video[kept]
            chance = population.probability(
                video, np.full(len(video), arm), day.viewer[kept], day.position[kept]
            )
            views += np.bincount(video, minlength=60)
            chances += np.bincount(video, weights=chance, minlength=60)
        # Viewers come unequally often, so that their mean is that of far fewer: about 1 % off.
        assert (chances / views).mean() == pytest.approx(rate, rel=0.04)


def test_sequences_number_equal_times() -> None:
    assert sequence_in_ms(np.array([3, 3, 5, 7, 7, 7])).tolist() == [0, 1, 0, 0, 1, 2]
    assert sequence_in_ms(np.array([], dtype=np.int64)).tolist() == []
