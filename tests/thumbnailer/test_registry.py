"""The registry, and the contract that every selector in it keeps."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.thumbnailer.made_up import frozen_measures
from tests.thumbnailer.selection.tables import shot_table
from thumbnailer import selection
from thumbnailer.errors import BadFeaturesError, OtherFeaturesError, UnknownSelectorError
from thumbnailer.features.efficientnet_lite import MANIFEST
from thumbnailer.registry import SELECTORS, load_selector, model_version, reads_cues, works_with
from thumbnailer.selection.parts.base import Media, ShotTable
from thumbnailer.video.measures import FrameMeasures

FILES = [path for path in Path(selection.__path__[0]).glob("*.py") if path.stem != "__init__"]
every_selector = pytest.mark.parametrize("name", SELECTORS)
lengths = pytest.mark.parametrize("shots", [3, 4, 8, 60])


@every_selector
@lengths
def test_shots_are_disjoint_and_may_be_chosen(name: str, shots: int) -> None:
    selector, table = load_selector(name), shot_table(shots)
    wanted = 1 if selector.media is Media.STILL else 3
    for candidate in selector.rank(table, seed=0):
        seconds = {int(start_s) for start_s in candidate.starts_s}
        assert len(candidate.starts_s) == len(seconds) == wanted
        assert seconds <= set(table.eligible.tolist())


@every_selector
def test_candidates_are_ranked_and_differ(name: str) -> None:
    found = load_selector(name).rank(shot_table(50), seed=0)
    scores = [candidate.score for candidate in found]
    assert scores == sorted(scores, reverse=True)
    assert all(np.isfinite(scores))
    assert len({candidate.starts_s for candidate in found}) == len(found) >= 1


@every_selector
def test_a_selector_says_whether_it_reads_faces_and_lettering(name: str) -> None:
    table = shot_table(50)
    rng = np.random.default_rng(0)
    faces, lettering = rng.random((2, 50), np.float32)
    seen = replace(table, faces=faces, lettering=lettering)
    selector = load_selector(name)
    is_same = selector.rank(seen, seed=0) == selector.rank(table, seed=0)
    assert is_same == (not reads_cues(name))


@every_selector
@pytest.mark.parametrize("seed", [0, 7])
def test_the_same_seed_gives_the_same_answer(name: str, seed: int) -> None:
    selector, table = load_selector(name), shot_table(50)
    assert selector.rank(table, seed=seed) == selector.rank(table, seed=seed)


@every_selector
@pytest.mark.parametrize("dtype", [np.float16, np.float64])
def test_the_type_of_the_features_does_not_matter(name: str, dtype: type) -> None:
    selector = load_selector(name)
    wanted = selector.rank(shot_table(30), seed=0)
    assert selector.rank(shot_table(30, dtype=dtype), seed=0) == wanted


@every_selector
def test_a_frozen_picture_still_has_an_answer(name: str) -> None:
    still = np.ones((12, 1280), np.float32)
    table = ShotTable(still, np.arange(2, 10), frozen_measures(144))
    assert load_selector(name).rank(table, seed=0)


@every_selector
def test_versions_fit_a_column_and_name_their_selector(name: str) -> None:
    version = load_selector(name).version
    assert version.startswith(f"{name}-")
    assert len(version) <= 64


def refusal(name: str, table: ShotTable) -> str:
    """Return why the selector refuses, or nothing where it answers."""
    try:
        assert load_selector(name).rank(table, seed=0)
    except BadFeaturesError as error:
        return str(error)
    return ""


@every_selector
def test_features_of_another_width_are_refused_where_they_are_read(name: str) -> None:
    told = refusal(name, shot_table(30, feature_dim=7))
    assert not told or "features have 7 numbers each, must have 1280" in told


@every_selector
def test_without_pictures_there_is_an_answer_or_a_clear_refusal(name: str) -> None:
    table = shot_table(30)
    told = refusal(name, ShotTable(table.features, table.eligible, FrameMeasures.none()))
    assert not told or "frames.duration_s == 0.0, must be >= 30" in told


def test_features_with_a_hole_are_refused() -> None:
    features = np.ones((5, 1280), np.float32)
    features[3, 7] = np.nan
    with pytest.raises(BadFeaturesError, match=r"features\[3\] holds nan"):
        ShotTable(features, np.arange(5), frozen_measures(60))


def test_fewer_than_three_shots_are_refused() -> None:
    with pytest.raises(BadFeaturesError, match=r"len\(eligible\) == 2, must be >= 3"):
        ShotTable(np.ones((5, 1280), np.float32), np.arange(2), frozen_measures(60))


@every_selector
def test_features_that_no_weights_were_trained_on_are_refused_at_the_door(name: str) -> None:
    other = replace(MANIFEST, dimension=7)
    assert works_with(name, MANIFEST)
    assert works_with(name, other) == (not refusal(name, shot_table(30, feature_dim=7)))
    if not works_with(name, other):
        with pytest.raises(OtherFeaturesError, match="with this one beautthumb, hecate"):
            model_version(name, other)


def test_every_file_is_a_selector_of_its_own_name() -> None:
    assert len(SELECTORS) == len(FILES) > 9


def test_a_selector_is_loaded_once() -> None:
    assert load_selector("gevaden") is load_selector("gevaden")
    assert model_version("gevaden", MANIFEST) == load_selector("gevaden").version


@pytest.mark.parametrize("ask", [load_selector, lambda name: model_version(name, MANIFEST)])
def test_an_unknown_name_lists_the_known(ask: object) -> None:
    with pytest.raises(
        UnknownSelectorError, match="selector == 'best', must be one of appeal, beautthumb"
    ):
        ask("best")  # type: ignore[operator]
