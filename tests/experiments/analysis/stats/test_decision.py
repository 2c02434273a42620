import numpy as np
import pytest

from experiments.analysis.stats.decision import decide
from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.per_video import video_lifts
from experiments.unit import Unit

from .cast import counts_of, draw_counts

UNIT = Unit.VIEWER_VIDEO


def test_the_best_arm_of_each_video_and_what_it_is_worth() -> None:
    counts = draw_counts(1, videos=50, views=3000, lifts=(1.0, 1.0, 1.02), spread=0.4)
    lifts = [video_lifts(counts, UNIT, k) for k in (1, 2)]
    got = decide(counts, lifts)
    for v in range(50):
        gains = [0.0, *(lift.arm_rate[v] - lift.baseline_rate[v] for lift in lifts)]
        assert got.arm_index[v] == int(np.argmax(gains))
        assert got.as_dict()[int(counts.video_ids[v])] == counts.arms[int(np.argmax(gains))]
        assert got.gained[v] == pytest.approx(max(gains) * counts.views[v].sum())
    assert got.clicks - got.clicks_of_one_arm[0] == pytest.approx(got.gained.sum())
    for one, regret in zip(got.clicks_of_one_arm, got.regret_of_one_arm, strict=True):
        assert regret == pytest.approx(got.clicks - one)
        assert regret >= 0
    best = counts.arms.index(got.best_single_arm)
    assert got.regret_of_one_arm[best] == min(got.regret_of_one_arm)


def test_expected_clicks_are_what_the_truth_gives() -> None:
    expected, true = np.zeros(2), np.zeros(2)
    for seed in range(4):
        rng = np.random.default_rng(seed)
        base, theta = rng.gamma(4, 0.015, 3000), rng.normal(0, 0.3, 3000)
        rates = base[:, None] * np.exp(np.column_stack([np.zeros(3000), theta]))
        views = np.full((3000, 2), 500)
        counts = counts_of(views, rng.binomial(views, np.clip(rates, 0, 1)))
        got = decide(counts, [video_lifts(counts, UNIT, 1)], traffic=np.full(3000, 100))
        gained = np.where(got.arm_index == 1, rates[:, 1] - rates[:, 0], 0).sum()
        expected += [got.gained.sum(), got.clicks_of_one_arm[0]]
        true += [100 * gained, 100 * base.sum()]
    assert expected == pytest.approx(true, rel=0.04)


def test_without_clicks_nothing_is_gained() -> None:
    counts = counts_of([[5, 5], [0, 0]], [[0, 0], [0, 0]])
    got = decide(counts, [video_lifts(counts, UNIT, 1)])
    assert got.gained == pytest.approx([0, 0], abs=1e-4)


def test_refuses_lifts_that_do_not_fit() -> None:
    counts = draw_counts(1)
    one, two = (video_lifts(counts, UNIT, k) for k in (1, 2))
    with pytest.raises(InputError, match="must be one of each of"):
        decide(counts, [one])
    with pytest.raises(InputError, match=r"lift.baseline == 'seq2seq', must be 'raw'"):
        decide(counts, [one, video_lifts(counts, UNIT, 2, 1)])
    with pytest.raises(InputError, match="of other videos"):
        decide(counts, [one, video_lifts(counts.where(counts.video_ids > 101), UNIT, 2)])
    with pytest.raises(InputError, match="traffic has -1"):
        decide(counts, [one, two], traffic=np.full(60, -1))
