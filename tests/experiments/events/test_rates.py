"""Limits: a flood waits, an honest burst passes, and nobody waits for another."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.errors import TooFastError
from experiments.events import rates
from experiments.events.rates import RateLimit


class Clock:
    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def test_a_flood_waits_and_is_let_in_again() -> None:
    clock = Clock()
    limit = RateLimit(100, 10, clock)
    for _ in range(2):
        limit.take({"flood": 60})
    with pytest.raises(TooFastError) as refused:
        limit.take({"flood": 1})
    assert refused.value.wait_s == 2  # 20 too many were given, at 10 a second
    limit.take({"other": 60})
    clock.now_s += 2.1
    limit.take({"flood": 1})


def test_a_refused_batch_takes_nothing() -> None:
    limit = RateLimit(100, 10, Clock())
    limit.take({"flood": 100})
    for _ in range(5):
        with pytest.raises(TooFastError):
            limit.take(Counter(flood=1, honest=90))
    limit.take({"honest": 99})


@given(st.lists(st.tuples(st.floats(0, 20), st.integers(1, 100)), max_size=40))
def test_no_more_passes_than_burst_and_rate_allow(arrivals: list[tuple[float, int]]) -> None:
    clock = Clock()
    limit, passed = RateLimit(100, 10, clock), 0
    for pause_s, amount in arrivals:
        clock.now_s += pause_s
        try:
            limit.take({"one": amount})
        except TooFastError:
            continue
        passed += amount
    elapsed_s = sum(pause_s for pause_s, _ in arrivals)
    assert passed <= 100 + 10 * elapsed_s + 100  # the last may give what is lacking


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MAX_KNOWN", 50)
    limit = RateLimit(100, 10, Clock())
    for number in range(1000):
        limit.take({number: 1})
    assert len(limit._full_at_s) <= 50
