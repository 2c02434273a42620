"""The thumbnailer's results, as plain records: reading one imports no network."""

from dataclasses import dataclass

STILL = "still"  # the name of the file that does not move


def twice(name: str) -> str:
    """Return the name of the file that shows the same twice as wide."""
    return f"{name}-2x"


@dataclass(frozen=True, slots=True)
class Part:
    """A rectangle of the upright picture, its edges as shares of the whole width and height."""

    left: float = 0.0
    top: float = 0.0
    right: float = 1.0
    bottom: float = 1.0

    @property
    def width(self) -> float:
        """Its share of the picture's width."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Its share of the picture's height."""
        return self.bottom - self.top


WHOLE = Part()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One possible thumbnail.

    Attributes:
        starts_s: seconds at which its shots begin, in play order; a still has one.
        score: the selector's own, higher is better; comparable within one answer only.
        distinctness: the cosine distance of its two most alike shots, 0 to 2; None of a still, or
            of a video too short to choose from.
    """

    starts_s: tuple[float, ...]
    score: float
    distinctness: float | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """What one selector chose of one video.

    Attributes:
        selector: the name of the rule.
        model_version: of that rule; changes with its weights.
        candidates: all that could have been chosen, best first; at least one.
        shot_length_s: 1 for moving pictures, less for videos under 3 s; 0 for a still.
        note: what a reader must know, in sentences; empty for most.
        part: of the video's picture that is film, and no bar around it.
    """

    selector: str
    model_version: str
    candidates: tuple[Candidate, ...]
    shot_length_s: float
    note: str
    part: Part = WHOLE

    @property
    def starts_s(self) -> tuple[float, ...]:
        """Seconds at which the best candidate's shots begin, in play order; a still has one."""
        return self.candidates[0].starts_s


@dataclass(frozen=True, slots=True)
class Wanted:
    """Files of one thumbnail that are to be made.

    Attributes:
        starts_s: seconds at which its shots begin, in play order.
        shot_length_s: 0 asks for the still of one moment, which has no moving files.
        names: of the files.
    """

    starts_s: tuple[float, ...]
    shot_length_s: float
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rendition:
    """One file of a thumbnail; all of a thumbnail's files come from the same frames.

    Attributes:
        name: such as "gif"; STILL of the one that does not move.
        media_type: such as "image/gif".
        file_extension: such as ".gif".
        content: the file's bytes.
        width: pixels.
        height: pixels.
    """

    name: str
    media_type: str
    file_extension: str
    content: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class MadeCreative:
    """What was made of a picture or clip that a person brought.

    Attributes:
        renditions: its files.
        length_s: how long it plays; 0 for a still.
        note: what a reader must know, in a sentence; empty for most.
    """

    renditions: list[Rendition]
    length_s: float
    note: str


@dataclass(frozen=True, slots=True)
class KeptAs:
    """Names under which a video's decoding is kept, each in its folder.

    Attributes:
        features: of the file with the features.
        spool: of the folder with the frames, while they wait for their features.
    """

    features: str
    spool: str


@dataclass(frozen=True, slots=True)
class Versions:
    """What makes thumbnails now: where one differs, a thumbnail is to be made again.

    Attributes:
        models: model version by selector.
        selection: digest of all that a choice depends on beside its model.
        encoders: digest of all that decides a file beside its shots, by the file's name; the first
            is that of the file which every browser shows.
    """

    models: dict[str, str]
    selection: str
    encoders: dict[str, str]

    def files(self, *, moving: bool) -> dict[str, str]:
        """Return the encoders of the files that a thumbnail has; a still has no moving ones."""
        if moving:
            return self.encoders
        stills = (STILL, twice(STILL))
        return {name: self.encoders[name] for name in stills if name in self.encoders}


@dataclass(frozen=True, slots=True)
class Storyboard:
    """Small frames of one video on one picture, row by row.

    Attributes:
        content: the picture's bytes.
        file_extension: such as ".jpg".
        times_s: of each frame, in seconds.
        columns: frames in a row.
        width: of one frame, in pixels.
        height: of one frame, in pixels.
    """

    content: bytes
    file_extension: str
    times_s: tuple[float, ...]
    columns: int
    width: int
    height: int
