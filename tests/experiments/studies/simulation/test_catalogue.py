"""Catalogues are drawn like the published one, or read from it, or refused."""

import json
from pathlib import Path

import numpy as np
import pytest

from experiments.paper import PILOT_VIDEOS
from experiments.studies.simulation.catalogue import (
    CatalogueError,
    drawn_catalogue,
    read_catalogue,
)


def test_drawn_durations_are_distributed_as_the_published_ones(shared_data: Path) -> None:
    published = read_catalogue(shared_data / "gif-thumbnails" / "unannotated_data.json")
    drawn = drawn_catalogue(PILOT_VIDEOS, seed=1)
    assert len(drawn) == len(published) == 9814
    assert sum(entry.duration_s for entry in published) / 3600 == pytest.approx(1231.7, abs=0.1)
    quantiles = [5, 25, 50, 75, 95]
    found = np.percentile([entry.duration_s for entry in drawn], quantiles)
    expected = np.percentile([entry.duration_s for entry in published], quantiles)
    assert found == pytest.approx(expected, rel=0.06)
    assert sum(entry.duration_s for entry in drawn) / 3600 == pytest.approx(1231, rel=0.03)


def test_the_same_seed_draws_the_same() -> None:
    assert drawn_catalogue(20, seed=1) == drawn_catalogue(20, seed=1)
    assert drawn_catalogue(20, seed=1) != drawn_catalogue(20, seed=2)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("no json", "cannot be read as JSON"),
        ("[]", "holds no"),
        ("{}", "holds no"),
        ('{"a": {"seconds": 3}, "b": {}}', "record 'b' has seconds == None"),
        ('{"a": {"seconds": true}}', "record 'a' has seconds == True"),
        ('{"a": {"seconds": 0}}', "record 'a' has seconds == 0"),
        ('{"a/b": {"seconds": 3}}', "record 'a/b', its name must be of a to z"),
        ('{"a": 3}', "record 'a'"),
        ('{"a": {"seconds": NaN}}', "record 'a' has seconds == nan"),
    ],
)
def test_another_format_is_refused_with_its_first_record(
    tmp_path: Path, content: str, reason: str
) -> None:
    path = tmp_path / "catalogue.json"
    path.write_text(content)
    with pytest.raises(CatalogueError, match=reason):
        read_catalogue(path)


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"none\.json"):
        read_catalogue(tmp_path / "none.json")


def test_ids_and_durations_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.json"
    path.write_text(json.dumps({"7_1": {"seconds": 61, "video_url": "x"}}))
    (entry,) = read_catalogue(path)
    assert (entry.key, entry.duration_s) == ("7_1", 61.0)
