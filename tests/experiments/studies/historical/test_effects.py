"""Effects shrunk across tests."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.per_video import video_lifts
from experiments.analysis.stats.records import VideoCounts
from experiments.studies.historical.effects import effects
from experiments.studies.historical.records import Archive
from experiments.unit import Unit
from tests.experiments.studies.historical.made_up import Truth, draw


def everything(tests: int) -> np.ndarray:
    return np.ones(tests, dtype=bool)


@pytest.mark.parametrize("spread", [0.0, 0.2, 0.5])
def test_shrinkage_lowers_the_squared_error(spread: float) -> None:
    archive, truth = draw(Truth(tests=2000, spread=spread), seed=11)
    found = effects(archive, everything(2000), ~everything(2000))
    assert found.lifts is not None
    true = np.expm1(truth[found.arm])
    defined = ~np.isnan(found.raw.value)
    raw = np.mean((found.raw.value - true)[defined] ** 2)
    shrunk = np.mean((found.lifts.lift - true)[defined] ** 2)
    assert shrunk < 0.75 * raw
    covered = (found.lifts.low <= true) & (true <= found.lifts.high)
    assert 0.92 < covered.mean() <= 1
    assert found.lifts.prior.spread.value == pytest.approx(spread, abs=0.03)


def test_the_largest_raw_effects_are_the_most_exaggerated() -> None:
    archive, truth = draw(Truth(tests=2000), seed=12)
    found = effects(archive, everything(2000), ~everything(2000))
    assert found.lifts is not None
    top = np.argsort(-np.nan_to_num(found.raw.value, nan=-1))[:100]
    true = np.expm1(truth[found.arm[top]]).mean()
    assert found.raw.value[top].mean() > 2 * true
    assert found.lifts.lift[top].mean() == pytest.approx(true, abs=0.06)


def test_pairs_are_each_arm_with_its_tests_control() -> None:
    archive, _ = draw(Truth(tests=50), seed=13)
    found = effects(archive, everything(50), ~everything(50), control="2")
    assert len(found.arm) == len(archive.arms) - 50
    assert np.array_equal(archive.test[found.arm], archive.test[found.control])
    assert {archive.arms[place] for place in found.control} == {"2"}
    rate = archive.clicks / archive.impressions
    assert found.raw.value == pytest.approx(rate[found.arm] / rate[found.control] - 1)


def test_the_prior_is_learnt_from_one_pair_a_test() -> None:
    archive, _ = draw(Truth(tests=300, arms=5), seed=14)
    found = effects(archive, everything(300), ~everything(300))
    assert found.learnt_from == 300
    first = np.searchsorted(archive.test, np.arange(300))
    pairs = np.stack([first, first + 1], axis=1)
    counts = VideoCounts(
        np.arange(300), ("c", "a"), archive.impressions[pairs], archive.clicks[pairs]
    )
    alone = video_lifts(counts, Unit.IMPRESSION, 1)
    assert found.lifts is not None
    assert found.lifts.prior.spread.value == pytest.approx(alone.prior.spread.value, rel=1e-3)
    assert found.lifts.prior.mean.value == pytest.approx(alone.prior.mean.value, abs=1e-4)


def test_tests_not_trusted_or_without_the_control_are_left_out() -> None:
    archive, _ = draw(Truth(tests=50), seed=15)
    trusted = np.arange(50) % 2 == 0
    found = effects(archive, trusted, ~everything(50), control="3")
    assert trusted[archive.test[found.arm]].all()
    assert found.without_control == (np.bincount(archive.test)[trusted] == 2).sum()


def test_where_there_is_nothing_to_pair_it_says_so() -> None:
    archive, _ = draw(Truth(tests=5), seed=16)
    unseen = replace(archive, impressions=archive.impressions * 0, clicks=archive.clicks * 0)
    nothing = effects(unseen, everything(5), ~everything(5))
    assert nothing.lifts is None
    assert nothing.reason.startswith("no trusted test has impressions")


def test_an_unknown_control_is_refused() -> None:
    archive, _ = draw(Truth(tests=5), seed=16)
    with pytest.raises(InputError, match="control == 'raw', must be the name of an arm, such as 1"):
        effects(archive, everything(5), ~everything(5), control="raw")


def test_the_arm_called_control_is_the_control_wherever_it_stands() -> None:
    archive, _ = draw(Truth(tests=40), seed=17)
    arms = np.array(archive.arms, dtype=object)
    last = np.append(archive.first_arm()[1:], len(arms)) - 1
    arms[last[:10]], arms[last[10:15]], arms[archive.first_arm()[:3]] = (
        " Control",
        "baseline",
        "raw",
    )
    named = replace(archive, arms=tuple(arms))
    found = effects(named, everything(40), ~everything(40))
    own = {int(archive.test[place]): int(place) for place in found.control}
    assert [own[test] for test in range(15)] == last[:15].tolist()
    assert [own[test] for test in range(15, 40)] == archive.first_arm()[15:].tolist()
    assert found.taken == (
        "the arm 'control' in 10 of 40 tests; the arm 'baseline' in 5 of 40 tests; "
        "the first arm in 25 of 40 tests"
    )


def test_treatment_that_stands_first_is_no_control() -> None:
    """The third of three tests: 6,900 of 100,000 clicks against 5,000: 38 % more."""
    clicks = np.array([7000, 5000, 7100, 5000, 6900, 5000])
    archive = Archive(
        ("t1", "t2", "t3"), np.full(3, np.datetime64("NaT", "D")), np.repeat(np.arange(3), 2),
        ("treatment", "control") * 3, np.full(6, 100_000), clicks, np.ones(6), np.full(6, -1),
    )  # fmt: skip
    assert effects(archive, everything(3), ~everything(3)).raw.value == pytest.approx(
        [0.4, 0.42, 0.38]
    )
