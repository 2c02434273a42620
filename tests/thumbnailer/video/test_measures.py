from dataclasses import fields

import numpy as np
import pytest

from tests.thumbnailer.clips import scene
from tests.thumbnailer.video.test_transitions import flight
from thumbnailer.video.decoding_log import DecodingLog
from thumbnailer.video.fitness import LEAST_CHANCE
from thumbnailer.video.gray_film import BLOCK_TICKS
from thumbnailer.video.measures import FrameMeasures, Measurer
from thumbnailer.video.measures import measured as measured_whole
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
    return measurer.finish(DecodingLog())


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


def test_transitions_are_known_wherever_the_film_is_divided() -> None:
    """A film is measured in blocks; a wipe between scenes that move lies across their border."""
    ticks, edge = 2 * BLOCK_TICKS + 20, BLOCK_TICKS - 4
    old, film = flight(1, 20, 130, 2, ticks), flight(2, 90, 240, 3, ticks)
    film[:edge] = old[:edge]
    for number in range(8):
        film[edge + number, :, 7 * number + 7 :] = old[edge + number, :, 7 * number + 7 :]
    measurer = Measurer()
    for tick, picture in enumerate(film):
        measurer.add(Sample(tick, tick + 1, picture, None))
    found = measurer.finish(DecodingLog()).transition
    np.testing.assert_allclose(found, measured_whole(film)[:, 5], atol=1e-5)
    assert (found[edge : edge + 7] >= LEAST_CHANCE).all()


def test_no_pictures_have_measures_of_no_tick() -> None:
    assert Measurer().finish(DecodingLog()).duration_s == FrameMeasures.none().duration_s == 0
