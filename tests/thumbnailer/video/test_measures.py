from dataclasses import fields

import numpy as np
import pytest

from tests.thumbnailer.clips import scene
from thumbnailer.video.measures import FrameMeasures, Measurer
from thumbnailer.video.sampling import Sample


def sample(number: int, index: int, ticks: tuple[int, int], *, colour: bool = True) -> Sample:
    rgb = scene(number, width=64, height=64)(index)
    gray = rgb[:36].mean(axis=2).astype(np.uint8)
    return Sample(*ticks, gray, rgb if colour else None)


@pytest.fixture
def measured() -> FrameMeasures:
    """Two pictures of one scene, the second shown for three ticks, and one of another."""
    measurer = Measurer()
    measurer.add(sample(1, 0, (0, 1)))
    measurer.add(sample(1, 3, (1, 4), colour=False))
    measurer.add(sample(2, 0, (4, 5)))
    return measurer.finish(())


def test_every_field_has_one_row_a_tick(measured: FrameMeasures) -> None:
    assert {len(getattr(measured, field.name)) for field in fields(measured)} == {5}
    assert measured.duration_s == 5 / 12


def test_what_stands_still_does_not_change(measured: FrameMeasures) -> None:
    assert measured.difference[[0, 2, 3]].tolist() == [0, 0, 0]
    assert measured.edge_change[[0, 2, 3]].tolist() == [0, 0, 0]
    assert measured.luma[1] == measured.luma[2] == measured.luma[3]


def test_a_cut_changes_more_than_movement(measured: FrameMeasures) -> None:
    assert measured.difference[4] > 3 * measured.difference[1] > 0
    assert measured.edge_change[4] > measured.edge_change[1]


def test_the_look_is_that_of_the_latest_colour_picture(measured: FrameMeasures) -> None:
    assert (measured.colour_histogram[:4] == measured.colour_histogram[0]).all()
    assert (measured.colour_histogram[4] != measured.colour_histogram[0]).any()


def test_no_pictures_have_measures_of_no_tick() -> None:
    assert Measurer().finish(()).duration_s == FrameMeasures.none().duration_s == 0
