"""All selectors by name, as the modules of ``thumbnailer.selection`` declare them."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from thumbnailer import selection
from thumbnailer.errors import OtherFeaturesError, UnknownSelectorError
from thumbnailer.features.base import FeatureManifest
from thumbnailer.selection.parts.base import Declaration, Selector


def _declared() -> dict[str, Declaration]:
    """Return the SELECTOR of every module of the package, by its name."""
    found = iter_modules(selection.__path__, f"{selection.__name__}.")
    modules = [import_module(each.name) for each in found if not each.ispkg]
    declarations: list[Declaration] = [module.SELECTOR for module in modules]
    return {each.name: each for each in declarations}


SELECTORS = _declared()


def works_with(name: str, features: FeatureManifest) -> bool:
    """Tell whether the selector of this name can read these features."""
    return _trained_on(name) in {None, features}


def reads_cues(name: str) -> bool:
    """Tell whether the selector, or one that it is built on, reads faces and lettering.

    Raises:
        UnknownSelectorError: listing the names there are.
    """
    declared = _declaration(name)
    return declared.reads_cues or any(map(reads_cues, declared.built_on))


def model_version(name: str, features: FeatureManifest) -> str:
    """Return what a selector's thumbnails will say made them, without looking at a video.

    Raises:
        UnknownSelectorError: listing the names there are.
        OtherFeaturesError: listing the selectors that can read these features.
        CheckpointMissingError: where its weights are not installed.
        CheckpointMismatchError: where its weights are damaged or another model's.
    """
    needed = _trained_on(name)
    if needed is not None and needed != features:
        others = [other for other in SELECTORS if works_with(other, features)]
        raise OtherFeaturesError(
            f"selector == {name!r} was trained on {needed.name}, not on {features.name}: "
            f"take that extractor, or with this one {', '.join(others)} (COVERLIFT_SELECTORS)"
        )
    return load_selector(name).version


@cache
def load_selector(name: str) -> Selector:
    """Return the selector of this name, its weights loaded; it is kept for the next time.

    Raises:
        UnknownSelectorError: listing the names there are.
        CheckpointMissingError: where its weights are not installed.
        CheckpointMismatchError: where its weights are damaged or another model's.
    """
    declared = _declaration(name)
    return declared.load(*map(load_selector, declared.built_on))


def _trained_on(name: str) -> FeatureManifest | None:
    """Return the only features that the selector, or one that it is built on, can read."""
    declared = _declaration(name)
    needed = (declared.trained_on, *map(_trained_on, declared.built_on))
    return next(filter(None, needed), None)


def _declaration(name: str) -> Declaration:
    if name not in SELECTORS:
        raise UnknownSelectorError(f"selector == {name!r}, must be one of {', '.join(SELECTORS)}")
    return SELECTORS[name]
