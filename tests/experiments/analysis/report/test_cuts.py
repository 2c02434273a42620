"""Cuts as a report reads them: adjusted for one another, and said in sentences."""

from math import isnan, nan

import numpy as np
import pytest
from django.utils import timezone

from experiments.analysis.report.cut_sentences import about, all_said, fading, interactions
from experiments.analysis.report.cuts import Cuts, FadingArm, read_cuts
from experiments.analysis.stats.horizon import AlwaysValid, FixedHorizon, Horizon, NotYet
from experiments.analysis.stats.results import Estimate
from experiments.models import TwoWayError

NUMBERS = [1.0, 0.4, 0.1, 0.05]


def kept(lifts: dict[str, list[float]], error: float = 0.02) -> dict[str, object]:
    """Two cuts of four and of two slices, with the effects of one arm in each."""
    return {
        "time_zone": "UTC",
        "views": 800,
        "of_views": 800,
        "cuts": [
            {
                "name": name,
                "slices": ["1", "2-3", "4-7", "8-15"] if name == "number" else ["new", "returning"],
                "control": "raw",
                "views": [[100, 100]] * len(values),
                "clicks": [[10, 12]] * len(values),
                "reciprocals": NUMBERS if name == "number" else None,
                "arms": [
                    {
                        "arm": "gevaden",
                        "log_ratios": [None if isnan(value) else value for value in values],
                        "covariance": (error**2 * np.eye(len(values))).tolist(),
                        "df": [200] * len(values),
                        "views": [200] * len(values),
                        "reasons": ["few" if isnan(value) else "" for value in values],
                    }
                ],
            }
            for name, values in lifts.items()
        ],
    }


def read(lifts: dict[str, list[float]], horizon: Horizon = FixedHorizon(), **more: object) -> Cuts:  # noqa: B008
    row = TwoWayError(watermark=7, made_at=timezone.now(), cuts=kept(lifts) | more)
    found = read_cuts(row, 7, 0.95, horizon)
    assert found is not None
    return found


def test_tests_of_all_cuts_are_adjusted_for_one_another() -> None:
    found = read({"number": [0.1, 0.1, 0.1, 0.1], "viewers": [0.14, 0.08]})
    (number,), (viewers,) = (cut.interactions for cut in found.cuts)
    assert viewers.p_value < 0.05
    assert viewers.p_value_adjusted == pytest.approx(2 * viewers.p_value)
    assert number.p_value_adjusted == number.p_value == pytest.approx(1.0)


def test_a_slice_that_differs_is_named_and_one_by_chance_is_not() -> None:
    apart, alike = (interactions(read({"number": values}).cuts[0])[0] for values in (
        [0.1, 0.1, 0.1, 0.5], [0.1, 0.1, 0.1, 0.12],
    ))  # fmt: skip
    assert "its lift differs between slices" in apart
    assert "It is higher in the slice “view 8 to 15”: +64.9 % (" in apart
    assert "No arm's lift differs between slices more than chance" in alike
    (few,) = interactions(read({"viewers": [0.1, nan]}).cuts[0])
    assert "Fewer than two slices have enough clicks" in few


def test_while_it_runs_intervals_hold_at_every_look() -> None:
    values = {"viewers": [0.1, 0.1]}
    once, ever, early = (
        read(values, horizon).cuts[0].slices[0].arms[1].lift
        for horizon in (FixedHorizon(), AlwaysValid(0.5), NotYet("the first look is due"))
    )
    assert once is not None
    assert ever is not None
    assert early is not None
    assert ever.low < once.low < once.value == ever.value
    assert (isnan(early.low), early.reason) == (True, "the first look is due")


def test_a_slice_that_cannot_be_told_has_its_reason_and_the_control_no_lift() -> None:
    control, arm = read({"viewers": [0.1, nan]}).cuts[0].slices[1].arms
    assert (control.arm, control.lift, control.ctr) == ("raw", None, 0.1)
    assert arm.lift is not None
    assert (arm.lift.reason, isnan(arm.p_value)) == ("few", True)


def test_a_lift_that_fades_is_told_with_what_it_comes_to() -> None:
    fades = read({"number": [0.5, 0.26, 0.14, 0.12]}).cuts[0].fading[0]
    assert "its lift fades as viewers see more" in fading(fades)
    assert "in the long run it would be +10.5 %" in fading(fades)
    grows = read({"number": [0.0, 0.24, 0.36, 0.38]}).cuts[0].fading[0]
    assert "its lift grows" in fading(grows)
    stays = read({"number": [0.1] * 4}).cuts[0].fading[0]
    assert "no sign that its lift changes" in fading(stays)
    nothing = Estimate(nan, nan, nan, 0.95, "too few")
    assert "cannot be told: too few." in fading(FadingArm("gevaden", nothing, nothing, nan))


def test_it_is_told_when_they_were_computed_and_of_which_views() -> None:
    values = {"viewers": [0.1, 0.2]}
    assert "from all 800 views;" in about(read(values))
    assert "800 of 5,000 views, by viewers picked at random" in about(read(values, of_views=5000))
    older = read_cuts(
        TwoWayError(watermark=6, made_at=timezone.now(), cuts=kept(values)), 7, 0.95, FixedHorizon()
    )
    assert older is not None
    assert "before the latest counts" in about(older)


@pytest.mark.parametrize("row", [None, TwoWayError(), TwoWayError(cuts=kept({}) | {"views": 0})])
def test_before_they_are_computed_there_are_none(row: TwoWayError | None) -> None:
    assert read_cuts(row, 7, 0.95, FixedHorizon()) is None
    assert all_said(None) == []
