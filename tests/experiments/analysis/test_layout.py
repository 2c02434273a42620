"""The layout: arms, phases and shares, as every query finds them."""

import numpy as np
import pytest
from pytest_django import DjangoAssertNumQueries

from experiments.analysis.layout import Layout
from experiments.models import Arm, Cell, Experiment
from experiments.serving import allocation_phases
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


def test_each_phase_has_a_row_of_shares_in_the_order_of_time() -> None:
    experiment = make_experiment(weights=(2, 1, 1))
    allocation_phases.change(experiment, weights={0: 1, 1: 0, 2: 3})
    layout = Layout.of(experiment)
    assert layout.names == ("raw", "re_seq2seq", "gevaden")
    assert layout.shares == pytest.approx(np.array([[0.5, 0.25, 0.25], [0.25, 0, 0.75]]))
    for cell in Cell.objects.select_related("phase", "arm"):
        assert layout.cells[cell.pk] == (cell.phase.number - 1, cell.arm.index)
        assert layout.arm(cell.pk) == cell.arm


def test_cells_are_found_by_row_and_column() -> None:
    experiment = make_experiment()
    allocation_phases.change(experiment, ramp=0.5)
    layout = Layout.of(experiment)
    phase, arm = layout.places(np.array(list(layout.cells)))
    assert list(zip(phase.tolist(), arm.tolist(), strict=True)) == list(layout.cells.values())


def test_an_arm_that_came_late_has_no_share_of_the_phases_before() -> None:
    experiment = make_experiment(weights=(1, 1))
    Arm.objects.create(experiment=experiment, index=2, name="late", selector="gevaden")
    allocation_phases.change(experiment, weights={0: 1, 1: 1, 2: 2})
    assert Layout.of(experiment).shares == pytest.approx(
        np.array([[0.5, 0.5, 0], [0.25, 0.25, 0.5]])
    )


def test_before_the_first_phase_the_weights_are_what_is_promised() -> None:
    experiment = Experiment.objects.create(slug="draft", name="draft")
    for index, weight in enumerate((3.0, 1.0)):
        Arm.objects.create(experiment=experiment, index=index, name=f"{index}", weight=weight)
    layout = Layout.of(experiment)
    assert layout.shares.tolist() == [[3, 1]]
    assert (layout.cells, layout.watermark) == ({}, 0)


def test_the_watermark_is_the_cells_own() -> None:
    experiment = make_experiment()
    Cell.objects.filter(arm__index=1).update(counted=5)
    Cell.objects.filter(arm__index=2).update(counted=2)
    assert Layout.of(experiment).watermark == 7


def test_it_takes_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    experiment = make_experiment()
    with django_assert_num_queries(1):
        Layout.of(experiment)
