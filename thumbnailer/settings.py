"""A site's settings of how shots are chosen, as plain records: reading one imports no network.

A digest of them is kept with what was made by them, so that a change makes again what it changes.
"""

from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class ExtractorSettings:
    """Which network's features are used.

    Attributes:
        name: one of those in ``thumbnailer.features.extractors``.
        weights: path of its weights; empty for those that come with a package.
    """

    name: str = "efficientnet-lite0"
    weights: str = ""


@dataclass(frozen=True, slots=True)
class Skip:
    """A part of a video at one end: so many seconds and this share of its length, together."""

    seconds: float = 0.0
    share: float = 0.0

    def shots(self, count: int) -> int:
        """Return how many of the video's one-second shots the part touches."""
        return ceil(round(self.seconds + self.share * count, 6))  # 0.1 * 30 is above 3


@dataclass(frozen=True, slots=True)
class Trim:
    """What is not shown: logos and titles at the start, credits at the end."""

    intro: Skip = Skip(seconds=2)
    outro: Skip = Skip(seconds=2)


@dataclass(frozen=True, slots=True)
class SelectionSettings:
    """All that the shots chosen depend on beside the video and the selector.

    Attributes:
        extractor: whose features are read.
        trim: what is not shown at both ends.
        distinct: show the best candidate whose shots differ, where a selector's best has some that
            look alike; the paper's rules know nothing of it.
    """

    extractor: ExtractorSettings = ExtractorSettings()
    trim: Trim = Trim()
    distinct: bool = False


DEFAULT_EXTRACTOR = ExtractorSettings()
DEFAULT_TRIM = Trim()
