"""All selectors by name; each is loaded on first use and kept."""

from collections.abc import Callable
from functools import cache

from thumbnailer.errors import OtherFeaturesError, UnknownSelectorError
from thumbnailer.features.base import FeatureManifest
from thumbnailer.features.efficientnet_lite import MANIFEST
from thumbnailer.selection.beautthumb import BeautThumb
from thumbnailer.selection.first_frame import FirstFrame
from thumbnailer.selection.gevaden import Gevaden
from thumbnailer.selection.hecate import Hecate
from thumbnailer.selection.parts.base import Selector
from thumbnailer.selection.random_triple import RandomTriple
from thumbnailer.selection.ranknet import RankNet
from thumbnailer.selection.raw import Raw
from thumbnailer.selection.re_seq2seq import ReSeq2Seq
from thumbnailer.selection.shot_scorer import ShotScorer
from thumbnailer.selection.uniform import Uniform


def _first_frame() -> Selector:
    return FirstFrame(load_selector("gevaden"))


LOADERS: dict[str, Callable[[], Selector]] = {
    "raw": Raw,
    "re_seq2seq": ReSeq2Seq.shipped,
    "gevaden": Gevaden.shipped,
    "ranknet": RankNet.shipped,
    "shot_scorer": ShotScorer.shipped,
    "beautthumb": BeautThumb,
    "hecate": Hecate,
    "first_frame": _first_frame,
    "uniform": Uniform,
    "random": RandomTriple,
}
# The shipped weights read the features of the default extractor; all other selectors read any.
TRAINED_ON = dict.fromkeys(
    ("re_seq2seq", "gevaden", "ranknet", "shot_scorer", "first_frame"), MANIFEST
)


def works_with(name: str, features: FeatureManifest) -> bool:
    """Tell whether the selector of this name can read these features."""
    return TRAINED_ON.get(name, features) == features


def check_features(name: str, features: FeatureManifest) -> None:
    """Refuse features that the selector's weights know nothing of.

    Raises:
        OtherFeaturesError: listing the selectors that can read them.
    """
    if not works_with(name, features):
        others = [other for other in LOADERS if works_with(other, features)]
        raise OtherFeaturesError(
            f"selector == {name!r} was trained on {TRAINED_ON[name].name}, not on {features.name}: "
            f"take that extractor, or with this one {', '.join(others)} (COVERLIFT_SELECTORS)"
        )


@cache
def load_selector(name: str) -> Selector:
    """Return the selector of this name, its weights loaded.

    Raises:
        UnknownSelectorError: listing the names there are.
        CheckpointMissingError: where its weights are not installed.
        CheckpointMismatchError: where its weights are damaged or another model's.
    """
    if name not in LOADERS:
        raise UnknownSelectorError(f"selector == {name!r}, must be one of {', '.join(LOADERS)}")
    return LOADERS[name]()
