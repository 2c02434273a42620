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
class CueWeights:
    """How much each cue counts in our own selector; each cue is a rank in its film, 0 to 1.

    By the rule that was set before any clip was looked at all cues count alike, and the scorer of
    features as much as all of them.

    Attributes:
        scorer: what the shot scorer makes of the features.
        sharpness: of the picture.
        exposure: how near its brightness is to the middle.
        colour: how saturated it is.
        motion: how much it moves.
        face: how large its largest face is.
        no_text: how little of it is text.
    """

    scorer: float = 6.0
    sharpness: float = 1.0
    exposure: float = 1.0
    colour: float = 1.0
    motion: float = 1.0
    face: float = 1.0
    no_text: float = 1.0


@dataclass(frozen=True, slots=True)
class ChoiceRules:
    """A site's rules of which shots may be chosen, and which of them together.

    Attributes:
        trim: what is not shown at both ends.
        distinct: show the best candidate whose shots differ, where a selector's best has some that
            look alike; the paper's rules know nothing of it.
        gap_s: between the beginnings of a GIF's shots at least, less in films that are shorter
            than 8 times that or have little to choose from; 1, the paper's rule, only keeps shots
            from overlapping.
        cue_weights: of our own selector.
    """

    trim: Trim = Trim()
    distinct: bool = False
    gap_s: int = 5
    cue_weights: CueWeights = CueWeights()


@dataclass(frozen=True, slots=True)
class FilmSettings:
    """The ways in which films may be read.

    Attributes:
        longest_s: how long a film may last, in seconds.
        background: red, green and blue behind what is transparent, 0 to 255 each.
    """

    longest_s: float = 4 * 3600.0
    background: tuple[int, int, int] = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class SelectionSettings:
    """All that the shots chosen depend on beside the video and the selector.

    Attributes:
        extractor: whose features are read.
        rules: of which shots may be chosen.
        film: the ways in which films may be read.
    """

    extractor: ExtractorSettings = ExtractorSettings()
    rules: ChoiceRules = ChoiceRules()
    film: FilmSettings = FilmSettings()


FILM_SHAPE = "film"  # each film's own
# About 57,600 pixels each.
BOXES = {
    "16:9": (320, 180),
    "4:3": (280, 210),
    "1:1": (240, 240),
    "4:5": (216, 270),
    "9:16": (180, 320),
}
SHAPES = (FILM_SHAPE, *BOXES)
PREVIEWS = ("mp4", "avif")


@dataclass(frozen=True, slots=True)
class PictureSettings:
    """The ways in which a site shows thumbnails.

    Attributes:
        shape: one of SHAPES; but the film's own, pictures are cut to it around what stands out.
        wide: also make an AVIF and a still twice as wide, of films that have the pixels.
        previews: of PREVIEWS, files of the shots at the film's own frame rate.
        film: the ways in which films may be read.
    """

    shape: str = FILM_SHAPE
    wide: bool = True
    previews: tuple[str, ...] = ()
    film: FilmSettings = FilmSettings()


DEFAULT_EXTRACTOR = ExtractorSettings()
DEFAULT_TRIM = Trim()
EQUAL_CUES = CueWeights()
DEFAULT_RULES = ChoiceRules()
DEFAULT_FILM = FilmSettings()
DEFAULT_PICTURES = PictureSettings()


@dataclass(frozen=True, slots=True)
class AtHand:
    """A site's settings that say what to load before its first step, as no step should wait for it.

    Attributes:
        extractor: whose features are read.
        selectors: the names of those that choose.
        shape: the pictures', one of SHAPES.
    """

    extractor: ExtractorSettings = DEFAULT_EXTRACTOR
    selectors: tuple[str, ...] = ()
    shape: str = FILM_SHAPE
