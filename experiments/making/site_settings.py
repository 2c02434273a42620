"""A site's settings as the thumbnailer's records, which its steps are given."""

from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from thumbnailer.settings import (
        AtHand,
        ExtractorSettings,
        FilmSettings,
        PictureSettings,
        SelectionSettings,
    )

S_PER_H = 3600


def extractor() -> "ExtractorSettings":
    """Return which network's features are read."""
    from thumbnailer.settings import ExtractorSettings

    return ExtractorSettings(settings.EXTRACTOR, settings.EXTRACTOR_WEIGHTS)


def at_hand() -> "AtHand":
    """Return what says which networks a process that runs the steps needs."""
    from thumbnailer.settings import AtHand

    return AtHand(extractor(), settings.SELECTORS, settings.PICTURE_SHAPE)


def film() -> "FilmSettings":
    """Return the ways in which films may be read."""
    from thumbnailer.settings import FilmSettings

    return FilmSettings(float(settings.LONGEST_FILM_H * S_PER_H), settings.BACKGROUND)


def selection() -> "SelectionSettings":
    """Return all that the shots chosen depend on."""
    from thumbnailer.settings import ChoiceRules, CueWeights, SelectionSettings, Skip, Trim

    trim = Trim(Skip(*settings.SKIP_INTRO), Skip(*settings.SKIP_OUTRO))
    weights = CueWeights(*settings.CUE_WEIGHTS)
    rules = ChoiceRules(trim, settings.DISTINCT_SHOTS, settings.SHOT_GAP_S, weights)
    return SelectionSettings(extractor(), rules, film())


def pictures() -> "PictureSettings":
    """Return which files a thumbnail has, and their shape."""
    from thumbnailer.settings import PictureSettings

    wide = settings.WIDE_PICTURES
    return PictureSettings(settings.PICTURE_SHAPE, wide, settings.PREVIEWS, film())
