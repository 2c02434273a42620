from pathlib import Path

import numpy as np
import pytest

from tests.thumbnailer.clips import scene, write_clip
from thumbnailer.training.transitions.films import (
    KINDS,
    MIXED,
    TICKS,
    UNKNOWN,
    WHOLE,
    Footage,
    labelled_film,
    made_scene,
    read_footage,
)

NONE = np.zeros(200, bool)


@pytest.fixture(scope="module")
def footage() -> list[Footage]:
    """Two videos of 200 ticks: one is plain and ever lighter, one is noise."""
    slope = np.arange(200, dtype=np.uint8)[:, None, None] + np.zeros((1, 36, 64), np.uint8)
    noise = np.random.default_rng(1).integers(0, 256, (200, 36, 64), dtype=np.uint8)
    return [Footage(slope, NONE, NONE), Footage(noise, NONE, NONE)]


def test_each_film_has_labels_that_fit_its_kind(footage: list[Footage]) -> None:
    rng = np.random.default_rng(2)
    films = [labelled_film(rng, footage) for _ in range(200)]
    assert {film.kind for film in films} == set(KINDS)
    for film in films:
        assert film.pictures.shape == (TICKS, 36, 64)
        assert film.labels.shape == (TICKS,)
        if film.kind != "transition":
            assert (film.labels == WHOLE).all()
        changes = np.flatnonzero(np.diff((film.labels != WHOLE).astype(int)))
        assert len(changes) <= 2  # one transition at most, which may reach to the end
    mixed = [int((film.labels == MIXED).sum()) for film in films if film.kind == "transition"]
    assert 3 <= np.median(mixed) <= 8


def test_what_is_unknown_of_a_video_is_so_of_its_films() -> None:
    pictures = np.full((200, 36, 64), 99, np.uint8)
    rng = np.random.default_rng(2)
    films = [labelled_film(rng, [Footage(pictures, ~NONE, NONE)]) for _ in range(60)]
    stretches = [set(film.labels.tolist()) for film in films if film.kind == "none"]
    assert {UNKNOWN} in stretches
    assert all(labels in ({UNKNOWN}, {WHOLE}) for labels in stretches)  # some are made


def test_a_video_has_its_cuts_and_what_is_told_of_it(tmp_path: Path) -> None:
    first, second = scene(1), scene(2)
    frames = [first(index) for index in range(60)] + [second(index) for index in range(60)]
    read = read_footage(write_clip(tmp_path / "a.mp4", frames), [(1.0, 2.0)])
    assert np.flatnonzero(read.is_cut).tolist() == [60]
    assert np.flatnonzero(read.is_amid).tolist() == list(range(9, 28))


def test_made_scenes_are_all_kinds_of_plain_and_moving() -> None:
    rng = np.random.default_rng(3)
    scenes = [made_scene(rng) for _ in range(60)]
    is_plain = [len(np.unique(pictures)) == 1 for pictures in scenes]
    moves = [bool((pictures[0] != pictures[-1]).any()) for pictures in scenes]
    assert 10 < sum(is_plain) < 40
    assert 15 < sum(moves) < 50
