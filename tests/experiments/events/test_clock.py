"""The clock of all processes is the database's."""

import time

import pytest

from experiments.events.clock import now_ms

pytestmark = pytest.mark.django_db


def test_the_clock_is_the_databases() -> None:
    wall_ms = (time.time() - 1_262_304_000) * 1000
    assert abs(now_ms() - wall_ms) < 5_000
    earlier = now_ms()
    assert now_ms() >= earlier
