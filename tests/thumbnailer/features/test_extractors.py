"""Extractors by the names that a site's settings know."""

from pathlib import Path

import pytest

from tests.thumbnailer.features.published import described, publish, seeded_state
from thumbnailer.errors import CheckpointMissingError, UnknownExtractorError
from thumbnailer.features.extractors import load_extractor
from thumbnailer.settings import DEFAULT_EXTRACTOR, ExtractorSettings


def test_each_is_loaded_by_its_name(tmp_path: Path) -> None:
    weights = described(publish(seeded_state(), tmp_path / "r3d50.pth"))
    kinetics = load_extractor(ExtractorSettings("3d-resnet-50", str(weights)))
    assert load_extractor(DEFAULT_EXTRACTOR).manifest.name == DEFAULT_EXTRACTOR.name
    assert (kinetics.manifest.name, kinetics.manifest.dimension) == ("3d-resnet-50", 2048)
    assert kinetics.manifest.digest != load_extractor(DEFAULT_EXTRACTOR).manifest.digest


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(UnknownExtractorError, match="must be one of efficientnet-lite0, 3d-resnet"):
        load_extractor(ExtractorSettings("vgg"))


def test_weights_that_are_not_named_are_asked_for() -> None:
    with pytest.raises(CheckpointMissingError, match="comes without weights: name the published"):
        load_extractor(ExtractorSettings("3d-resnet-50"))
