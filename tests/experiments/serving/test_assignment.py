"""Assignment: uniform, independent, stable, and the same one by one as for many."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import chi2, chi2_contingency, chisquare

from experiments.errors import ExperimentError
from experiments.serving.assignment import (
    GRID,
    Allocation,
    Plan,
    allocate,
    assign,
    assign_many,
    reallocate,
)
from experiments.unit import ASSIGNED_UNITS, Unit

VECTORS = Path(__file__).resolve().parents[3] / "docs" / "assignment-vectors.json"
UNITS = st.integers(0, 2**63 - 1)


def weights_of(arms: int) -> st.SearchStrategy[list[float]]:
    """Weights of so many arms, some of them dropped."""
    weight = st.one_of(st.just(0.0), st.floats(1e-6, 1e6))
    return st.lists(weight, min_size=arms, max_size=arms).filter(any)


WEIGHTS = st.integers(1, 6).flatmap(weights_of)


def plan(weights: tuple[float, ...] = (1, 1, 1), **fields: object) -> Plan:
    fields = {"salt": "salt", "unit": Unit.VIEWER_VIDEO, **fields}
    return Plan(allocation=allocate(dict(enumerate(weights))), **fields)  # type: ignore[arg-type]


PLANS = st.builds(
    plan,
    WEIGHTS.map(tuple),
    unit=st.sampled_from(ASSIGNED_UNITS),
    ramp=st.floats(0, 1),
    holdback=st.floats(0, 0.9),
    layer=st.sampled_from(["", "surface"]),
    layer_from=st.floats(0, 0.5),
    layer_to=st.just(0.9),
)


def units(count: int, seed: int = 7) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Viewers as random as hashes are, videos as regular as primary keys are."""
    rng = np.random.default_rng(seed)
    viewers = rng.integers(0, 2**63, count // 100)
    return np.repeat(viewers, 100), np.tile(np.arange(100, dtype=np.int64), count // 100)


@given(UNITS, UNITS, PLANS)
def test_one_by_one_and_many_agree(viewer: int, video: int, chosen: Plan) -> None:
    one = assign(chosen, viewer, video)
    many = assign_many(chosen, np.array([viewer]), np.array([video]))
    assert many.tolist() == [-1 if one.arm is None else one.arm]
    assert (one.outcome == "in") == (one.arm is not None)
    assert math.isnan(one.propensity) == (one.arm is None)


def test_shares_are_the_weights_and_are_returned_as_propensities() -> None:
    weighted = plan((1, 2, 5))
    arms = assign_many(weighted, *units(1_000_000))
    assert chisquare(np.bincount(arms), 1_000_000 * np.array([1, 2, 5]) / 8).pvalue > 1e-4
    assert assign(weighted, 1, 1).propensity in {1 / 8, 2 / 8, 5 / 8}


@pytest.mark.parametrize("other", [plan(salt="other"), plan(unit=Unit.VIEWER)])
def test_experiments_are_independent_of_each_other(other: Plan) -> None:
    viewers, videos = units(1_000_000)
    first, second = (assign_many(p, viewers, videos) for p in (plan(), other))
    assert chi2_contingency(_table(first, second)).pvalue > 1e-4


def test_ramp_holdback_layer_and_arm_are_independent() -> None:
    viewers, videos = np.random.default_rng(3).integers(0, 2**63, (2, 1_000_000))
    whole = assign_many(plan(), viewers, videos)
    gates = [
        assign_many(gated, viewers, videos) >= 0
        for gated in (plan(ramp=0.3), plan(holdback=0.2), plan(layer="l", layer_to=0.5))
    ]
    shares = [gate.mean() for gate in gates]
    assert np.allclose(shares, [0.3, 0.8, 0.5], atol=0.002)
    for gate in gates:
        assert chi2_contingency(_table(gate, whole)).pvalue > 1e-4
    for i in range(3):
        assert chi2_contingency(_table(gates[i], gates[i - 1])).pvalue > 1e-4


def test_ten_million_units_are_uniform_over_a_fine_grid() -> None:
    """1,000 arms of equal weight: a chi-square test at a resolution far below any real arm's."""
    fine = plan((1.0,) * 1000)
    counts = np.zeros(1000, dtype=np.int64)
    for part in range(10):
        counts += np.bincount(assign_many(fine, *units(1_000_000, seed=part)), minlength=1000)
    statistic = float(((counts - 10_000) ** 2 / 10_000).sum())
    assert chi2(999).ppf(1e-5) < statistic < chi2(999).isf(1e-5)


def test_units_are_what_they_say() -> None:
    viewers, videos = units(10_000)
    by_viewer = assign_many(plan(unit=Unit.VIEWER), viewers, videos).reshape(-1, 100)
    assert (by_viewer == by_viewer[:, :1]).all()
    by_video = assign_many(plan(unit=Unit.VIDEO), viewers, videos).reshape(-1, 100)
    assert (by_video == by_video[:1]).all()
    both = assign_many(plan(), viewers, videos).reshape(-1, 100)
    assert len(np.unique(both[0])) == len(np.unique(both[:, 0])) == 3


def test_a_growing_ramp_keeps_who_is_in() -> None:
    viewers, videos = units(100_000)
    small, large = (assign_many(plan(ramp=ramp), viewers, videos) for ramp in (0.1, 0.4))
    assert (large[small >= 0] == small[small >= 0]).all()
    assert (assign_many(plan(ramp=1.0), viewers, videos)[large >= 0] == large[large >= 0]).all()


def test_experiments_of_one_layer_share_no_viewer() -> None:
    viewers, videos = units(100_000)
    slices = [(0.0, 0.25), (0.25, 0.5), (0.5, 1.0)]
    inside = np.array([
        assign_many(
            plan(salt=str(i), layer="feed", layer_from=lower, layer_to=upper), viewers, videos
        ) >= 0
        for i, (lower, upper) in enumerate(slices)
    ])  # fmt: skip
    assert (inside.sum(axis=0) == 1).all()


@given(st.integers(1, 5).flatmap(lambda arms: st.lists(weights_of(arms), min_size=2, max_size=5)))
def test_changes_move_as_few_units_as_possible_and_none_among_the_rest(
    history: list[list[float]],
) -> None:
    old = allocate(dict(enumerate(history[0])))
    for weights in history[1:]:
        new = reallocate(old, dict(enumerate(weights)))
        _check_fewest_moves(old, new)
        shares = [new.shares().get(arm, 0.0) for arm in range(len(weights))]
        assert np.allclose(shares, np.array(weights) / sum(weights), atol=1e-8)
        old = new


def _check_fewest_moves(old: Allocation, new: Allocation) -> None:
    """Compare owners on every elementary interval of both allocations."""
    assert old.uppers[-1] == new.uppers[-1] == GRID
    before, after = old.sizes(), new.sizes()
    moved, lower = 0, 0
    for upper in sorted({*old.uppers, *new.uppers}):
        giver, taker = _owner(old, lower), _owner(new, lower)
        if giver != taker:
            moved += upper - lower
            assert after.get(giver, 0) < before[giver]
            assert after[taker] > before.get(taker, 0)
        lower = upper
    distance = sum(max(size - after.get(arm, 0), 0) for arm, size in before.items())
    assert moved == distance


def _owner(allocation: Allocation, point: int) -> int:
    return next(
        arm for upper, arm in zip(allocation.uppers, allocation.arms, strict=True) if point < upper
    )


def test_dropping_an_arm_moves_only_its_units() -> None:
    viewers, videos = units(100_000)
    before = plan()
    after = Plan("salt", Unit.VIEWER_VIDEO, reallocate(before.allocation, {0: 1, 1: 0, 2: 1}))
    old, new = (assign_many(p, viewers, videos) for p in (before, after))
    assert (new[old != 1] == old[old != 1]).all()
    assert set(new[old == 1]) == {0, 2}


@pytest.mark.parametrize("weights", [{}, {0: 0.0}, {0: 1.0, 1: -1.0}, {0: math.inf}, {0: math.nan}])
def test_refuses_weights_that_divide_nothing(weights: dict[int, float]) -> None:
    with pytest.raises(ExperimentError, match="must be finite"):
        allocate(weights)


def _table(first: NDArray[np.generic], second: NDArray[np.generic]) -> NDArray[np.int64]:
    """Cross-tabulate two small codes."""
    rows, columns = first.astype(int), second.astype(int)
    table = np.zeros((rows.max() + 1, columns.max() + 1), dtype=np.int64)
    np.add.at(table, (rows, columns), 1)
    return table


def test_the_vectors_of_the_specification_are_passed() -> None:
    for case in json.loads(VECTORS.read_text())["cases"]:
        allocation = Allocation(*(tuple(case["plan"]["allocation"][k]) for k in ("uppers", "arms")))
        plan = Plan(**case["plan"] | {"allocation": allocation, "unit": Unit(case["plan"]["unit"])})
        for unit in case["units"]:
            got = assign(plan, int(unit["viewer"]), int(unit["video"]))
            propensity = None if math.isnan(got.propensity) else got.propensity
            assert (got.arm, propensity, got.outcome) == (
                unit["arm"], unit["propensity"], unit["outcome"],
            )  # fmt: skip


def test_the_vectors_reach_every_outcome() -> None:
    cases = json.loads(VECTORS.read_text())["cases"]
    units = [unit for case in cases for unit in case["units"]]
    assert {unit["outcome"] for unit in units} == {"in", "layer", "holdback", "ramp"}
    assert {unit["arm"] for unit in units} == {None, 0, 1, 2}
