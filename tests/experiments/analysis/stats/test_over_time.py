import numpy as np
import pytest

from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.engine import estimate
from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.horizon import AlwaysValid
from experiments.analysis.stats.over_time import (
    accumulate,
    cumulative_effects,
    cumulative_means,
)
from experiments.analysis.stats.records import VideoCounts
from experiments.analysis.stats.results import Comparison
from experiments.unit import Unit

from .cast import ARMS, draw_counts

UNIT = Unit.VIEWER_VIDEO


def days(lifts: list[float], videos: int = 60) -> list[VideoCounts]:
    """One day a lift; videos keep their base rates."""
    rng = np.random.default_rng(1)
    base = rng.gamma(8, 0.01, videos)[:, None]
    out = []
    for lift in lifts:
        views = rng.poisson(300, (videos, 2)) + 1
        clicks = rng.binomial(views, base * np.array([1, lift]))
        out.append(VideoCounts(np.arange(videos), ARMS[:2], views, clicks))
    return out


def daily(count: int) -> list[AlwaysValid]:
    return [AlwaysValid(day / count) for day in range(1, count + 1)]


def effects(
    slices: list[VideoCounts], inflation: float = 1.0
) -> tuple[tuple[Comparison, ...], ...]:
    means = cumulative_means(slices, UNIT)
    return cumulative_effects(means, daily(len(slices)), inflation=inflation)


def test_a_variance_four_times_as_large_makes_a_band_twice_as_wide() -> None:
    slices = days([1.2] * 3)
    plain, widened = (effects(slices, inflation)[0][0] for inflation in (1.0, 4.0))
    own, other = plain.difference, widened.difference
    assert other.value == own.value
    assert other.high - other.low == pytest.approx(2 * (own.high - own.low))


def test_the_last_cumulative_look_is_of_all_the_counts() -> None:
    slices = days([1.2] * 6)
    looks = effects(slices)
    whole = compare(estimate(accumulate(slices)[-1], UNIT).mean_ctr)[0]
    assert len(looks) == 6
    (last,) = looks[-1]
    assert last.difference.value == pytest.approx(whole.difference.value)
    assert last.difference.low < whole.difference.low
    assert last.significant


def test_all_arms_are_held_together() -> None:
    slices = [draw_counts(seed) for seed in (1, 2)]
    three = effects(slices)[-1]
    assert [line.arm for line in three] == ["seq2seq", "gevaden"]
    two = effects(
        [VideoCounts(c.video_ids, ARMS[:2], c.views[:, :2], c.clicks[:, :2]) for c in slices]
    )[-1]
    assert two[0].simultaneous_difference.low > three[0].simultaneous_difference.low


def test_refuses_slices_that_do_not_match() -> None:
    one, other = days([1.0])[0], days([1.0], videos=9)[0]
    with pytest.raises(InputError, match="slice 2 is of other videos"):
        cumulative_means([one, other], UNIT)
    assert cumulative_means([], UNIT) == ()


def test_a_look_leaves_out_what_is_hardly_seen_by_then() -> None:
    few = days([1.3, 1.3])
    more = [
        VideoCounts(
            np.append(day.video_ids, 999),
            day.arms,
            np.vstack([day.views, [1, 1]]),
            np.vstack([day.clicks, [0, 1]]),
        )
        for day in few
    ]
    plain, longer = map(effects, (few, more))
    assert [look[0].difference for look in longer] == [look[0].difference for look in plain]
