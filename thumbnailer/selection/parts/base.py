"""The selector: what it is given, what it answers, and how its module declares it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from thumbnailer.errors import BadFeaturesError
from thumbnailer.features.base import FeatureManifest, check_finite
from thumbnailer.results import Candidate
from thumbnailer.settings import EQUAL_CUES, CueWeights
from thumbnailer.video.measures import FrameMeasures
from thumbnailer.video.shots import SHOTS_IN_A_GIF


class Media(StrEnum):
    """What a selector's answer is made into."""

    GIF = "gif"
    STILL = "still"


@dataclass(frozen=True, slots=True)
class ShotTable:
    """A video as selectors see it: n one-second shots, of which m may be chosen.

    Attributes:
        features: (n, D) float32, one row a shot.
        eligible: (m,) increasing indices of the shots that may be chosen; m >= 3.
        frames: the measures of its frames, a dozen a second.
        gap_s: between the beginnings of a GIF's shots at least, so that some three of those that
            may be chosen can keep it; 1 is the paper's rule.
        cue_weights: of our own selector.
        faces: (n,) float32, the largest face's share of the picture's height; (0,) where unknown.
        lettering: (n,) float32, the share of the picture that is text; likewise.
    """

    features: NDArray[np.float32]
    eligible: NDArray[np.int64]
    frames: FrameMeasures
    gap_s: int = 1
    cue_weights: CueWeights = EQUAL_CUES
    faces: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    lettering: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))

    def __post_init__(self) -> None:
        """Check at the door.

        Raises:
            BadFeaturesError: where rows are not finite or fewer than three may be chosen.
        """
        check_finite(self.features)
        if len(self.eligible) < SHOTS_IN_A_GIF:
            raise BadFeaturesError(
                f"len(eligible) == {len(self.eligible)}, must be >= {SHOTS_IN_A_GIF}: "
                "choose() answers for shorter videos"
            )

    def check_pictures(self) -> None:
        """Ask for the measures of frames, which data sets of features alone do not bring.

        Raises:
            BadFeaturesError: where they do not cover the shots.
        """
        if self.frames.duration_s < len(self.features):
            raise BadFeaturesError(
                f"frames.duration_s == {self.frames.duration_s}, must be >= {len(self.features)}, "
                "the number of shots: this selector looks at pictures; give it a video's analysis"
            )


class Selector(Protocol):
    """Ranks possible thumbnails of a video."""

    @property
    def version(self) -> str:
        """Changes whenever its answers may: a rule's number, or a hash of the weights."""
        ...

    @property
    def media(self) -> Media:
        """What its answers are made into."""
        ...

    @property
    def note(self) -> str:
        """What a reader of its answers must know; empty for most."""
        ...

    def rank(self, shots: ShotTable, *, seed: int) -> tuple[Candidate, ...]:
        """Return candidates, best first, at least one; the same seed gives the same answer."""
        ...


@dataclass(frozen=True, slots=True)
class Declaration:
    """What every module of ``thumbnailer.selection`` declares as its SELECTOR.

    Attributes:
        name: of the selector, stored with its thumbnails.
        load: makes it, its weights loaded; is given the selectors that it is built on.
        trained_on: the only features that it can read; None where it reads any.
        built_on: names of the selectors whose answers it changes. It reads what they read.
        reads_cues: whether it reads the table's faces and lettering.
    """

    name: str
    load: Callable[..., Selector]
    trained_on: FeatureManifest | None = None
    built_on: tuple[str, ...] = ()
    reads_cues: bool = False
