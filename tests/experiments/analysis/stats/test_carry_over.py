"""Carry-over: who comes back is found as by hand, and compared as the two-way error does."""

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.stats.sandwich_covariance import cov_cluster_2groups

from experiments.analysis.stats.audit_carry_over import CARRIED, Moved
from experiments.analysis.stats.carry_over import ReturningViews, carry_over
from experiments.unit import Unit


def by_hand(unit: list[int], span: list[int], arm: list[int]) -> list[tuple[int, int, int, bool]]:
    """Return the place, earlier span, arm and whether it moved, of each view that comes back."""
    found = []
    for place, one in enumerate(unit):
        own = [other for other in range(place) if unit[other] == one]
        # The views since the last in another span are of the present span.
        earlier = [other for other in own if span[other] != span[place]]
        if earlier:
            last = earlier[-1]
            found.append((place, span[last], arm[place], arm[last] != arm[place]))
    return found


@pytest.mark.parametrize("seed", range(5))
def test_views_that_come_back_are_found_with_what_was_seen_before(seed: int) -> None:
    rng = np.random.default_rng(seed)
    span = np.sort(rng.integers(4, size=60))
    unit, video, arm = (rng.integers(many, size=60) for many in (9, 5, 3))
    found = ReturningViews.of(
        unit=unit, viewer=unit, video=video, span=span, arm=arm, clicked=rng.random(60) < 0.5
    )
    expected = by_hand(unit.tolist(), span.tolist(), arm.tolist())
    rows = sorted(zip(found.viewer, found.video, found.spans, found.arm, found.moved, strict=True))
    width = int(span.max()) + 1
    assert rows == sorted(
        (unit[at], video[at], before * width + span[at], now, moved)
        for at, before, now, moved in expected
    )


def one_span(rows: int = 4000) -> ReturningViews:
    rng = np.random.default_rng(2)
    viewer, video = rng.integers(400, size=rows), rng.integers(30, size=rows)
    moved = rng.random(400)[viewer] < 0.4
    return ReturningViews(
        viewer=viewer,
        video=video,
        spans=np.ones(rows, np.int64),
        arm=np.zeros(rows, np.int64),
        moved=moved,
        clicked=rng.random(rows) < np.where(moved, 0.3, 0.2),
    )


def test_the_errors_are_those_of_a_regression_clustered_by_viewer_and_video() -> None:
    found = one_span()
    (line,) = carry_over(found)
    clicked, group = found.clicked.astype(float), np.eye(2)[found.moved.astype(int)]
    fit = sm.OLS(clicked, group).fit()
    both, _, by_video = cov_cluster_2groups(fit, found.viewer, found.video, use_correction=False)
    without = [
        sm.OLS(clicked[r], group[r]).fit().params for r in found.video != np.arange(30)[:, None]
    ]
    jackknife = (np.array(without) - fit.params).T @ (np.array(without) - fit.params)
    np.testing.assert_allclose(line.means.means, fit.params)
    np.testing.assert_allclose(
        dict(line.means.terms)["viewers and videos"], both + jackknife - by_video, rtol=1e-8
    )
    assert line.views == (int((~found.moved).sum()), int(found.moved.sum()))
    assert line.clicks == (
        int(found.clicked[~found.moved].sum()),
        int(found.clicked[found.moved].sum()),
    )


def test_parts_together_are_the_whole() -> None:
    found = one_span()
    parts = []
    for part in range(3):
        own = found.where(found.viewer % 3 == part)
        parts.append(replace(own, viewer=np.unique(own.viewer, return_inverse=True)[1]))
    (whole,), (joined,) = carry_over(found), carry_over(ReturningViews.joined(parts))
    assert joined.views == whole.views
    for (_, one), (_, other) in zip(joined.means.terms, whole.means.terms, strict=True):
        np.testing.assert_allclose(one, other)


def test_an_arm_whose_units_all_moved_or_none_did_is_not_compared() -> None:
    found = one_span()
    assert carry_over(found.where(found.moved)) == carry_over(found.where(~found.moved)) == ()


@pytest.mark.parametrize("unit", [Unit.VIEWER, Unit.VIEWER_VIDEO])
def test_much_that_carries_over_is_found_and_nothing_is_not(unit: Unit) -> None:
    rng = np.random.default_rng(7)
    assert Moved(unit, carried=-1.5)(rng) == (1.0,)
    assert sum(Moved(unit)(rng)[0] for _ in range(5)) <= 1


def test_every_case_can_be_told() -> None:
    for case, _ in CARRIED.values():
        assert not np.isnan(case(np.random.default_rng(3))).any()
