"""The extractors that a site may choose from, by name; each is loaded on first use and kept."""

from functools import cache

from thumbnailer.errors import CheckpointMissingError, UnknownExtractorError
from thumbnailer.features import efficientnet_lite
from thumbnailer.features.base import FeatureExtractor
from thumbnailer.features.kinetics import NAME as KINETICS
from thumbnailer.features.kinetics import KineticsResNet3d
from thumbnailer.settings import ExtractorSettings

EXTRACTORS = (efficientnet_lite.MANIFEST.name, KINETICS)


@cache
def load_extractor(choice: ExtractorSettings, device: str = "cpu") -> FeatureExtractor:
    """Return the extractor of this name with these weights.

    Raises:
        UnknownExtractorError: listing the names there are.
        CheckpointMissingError: where its weights are not there.
        CheckpointMismatchError: where they are damaged or another network's.
    """
    if choice.name not in EXTRACTORS:
        raise UnknownExtractorError(
            f"extractor == {choice.name!r}, must be one of {', '.join(EXTRACTORS)}"
        )
    if choice.name == KINETICS:
        if not choice.weights:
            raise CheckpointMissingError(
                f"extractor == {KINETICS!r} comes without weights: name the published file "
                "(COVERLIFT_EXTRACTOR_WEIGHTS)"
            )
        return KineticsResNet3d(choice.weights, device=device)
    return efficientnet_lite.default_extractor(device)
