"""The picture that a decoded frame shows: its visible part, its shape, and which way up it is."""

from dataclasses import dataclass
from fractions import Fraction
from struct import unpack_from
from typing import Self

from av.sidedata.sidedata import SideData
from av.video.frame import VideoFrame

from thumbnailer.settings import DEFAULT_FILM

SIDE_BY_SIDE, TOP_BOTTOM = 1, 2  # of AVStereo3DType
# Two pictures side by side are narrow ones each, unless the frame is as wide as both.
WIDE_AS_TWO, HIGH_AS_TWO = 2.4, 1.1  # width by height
# The signs of a display matrix's a, b, c and d -> filters that show the frame so: ISO/IEC 14496-12,
# 6.2.2, has (x, y) shown at (ax + cy, bx + dy), y downwards.
TURNS = {
    (1, 0, 0, 1): (),
    (-1, 0, 0, 1): ("hflip",),
    (1, 0, 0, -1): ("vflip",),
    (-1, 0, 0, -1): ("hflip", "vflip"),
    (0, 1, -1, 0): ("transpose=clock",),
    (0, -1, 1, 0): ("transpose=cclock",),
    (0, 1, 1, 0): ("transpose=cclock_flip",),
    (0, -1, -1, 0): ("transpose=clock_flip",),
}


@dataclass(frozen=True, slots=True)
class Edges:
    """Pixels at each edge of the coded frame that are not to be shown."""

    left: int = 0
    right: int = 0
    top: int = 0
    bottom: int = 0


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How pixels are laid out in the frames of a film.

    Attributes:
        turns: the filters that turn and mirror a frame upright.
        packing: of two eyes' pictures; 0 where there is one.
    """

    turns: tuple[str, ...] = ()
    packing: int = 0

    @classmethod
    def of(cls, frame: VideoFrame) -> Self:
        """Read it off a frame.

        It costs memory: PyAV keeps a frame whose side data were read until garbage is collected.
        """
        matrix, stereo = _side_data(frame, "DISPLAYMATRIX"), _side_data(frame, "STEREO3D")
        return cls(
            turns=_turns(unpack_from("=9i", matrix)) if matrix else (),
            packing=int(unpack_from("=i", stereo)[0]) if stereo else 0,
        )

    @property
    def is_on_its_side(self) -> bool:
        """Tell whether width and height change places."""
        return any(turn.startswith("transpose") for turn in self.turns)


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded frame, and what its file says of how to show it.

    Attributes:
        frame: as decoded.
        codec: the decoder's name, such as "h264".
        pixel_aspect: width of a pixel by its height.
        hidden: edges that are cut away.
        arrangement: of its pixels.
        background: red, green and blue behind what is transparent.
    """

    frame: VideoFrame
    codec: str = ""
    pixel_aspect: Fraction = Fraction(1)
    hidden: Edges = Edges()
    arrangement: Arrangement = Arrangement()
    background: tuple[int, int, int] = DEFAULT_FILM.background

    @property
    def kind(self) -> tuple[object, ...]:
        """All that decides how it is shown: pictures of one kind go through one filter graph."""
        frame = self.frame
        colours = frame.colorspace, frame.color_primaries, frame.color_trc
        layout = frame.width, frame.height, frame.format.name, frame.interlaced_frame
        return *layout, *colours, self.pixel_aspect, self.hidden, self.arrangement

    @property
    def part(self) -> tuple[int, int, int, int]:
        """Left, top, width and height of the part of the frame that is shown: of two eyes, one."""
        hidden = self.hidden
        width = max(1, self.frame.width - hidden.left - hidden.right)
        height = max(1, self.frame.height - hidden.top - hidden.bottom)
        packing = self.arrangement.packing
        if packing == SIDE_BY_SIDE:
            width = max(1, width // 2)
        if packing == TOP_BOTTOM:
            height = max(1, height // 2)
        return hidden.left, hidden.top, width, height

    @property
    def shown_size(self) -> tuple[int, int]:
        """Width and height as people see it: pixels made square, turned upright."""
        _, _, width, height = self.part
        shown_width = width * self.pixel_aspect
        packing = self.arrangement.packing
        if packing:
            aspect = self.frame.width * self.pixel_aspect / self.frame.height
            if packing == SIDE_BY_SIDE and aspect < WIDE_AS_TWO:
                shown_width *= 2
            if packing == TOP_BOTTOM and aspect > HIGH_AS_TWO:
                height *= 2
        shown = max(1, round(shown_width)), height
        return (shown[1], shown[0]) if self.arrangement.is_on_its_side else shown


def _turns(matrix: tuple[int, ...]) -> tuple[str, ...]:
    """Return the filters of the nearest quarter turn or mirror image."""
    a, b, _, c, d, *_ = matrix
    upright = abs(a) + abs(d) >= abs(b) + abs(c)
    signs = (_sign(a), 0, 0, _sign(d)) if upright else (0, _sign(b), _sign(c), 0)
    return TURNS[signs]


def _sign(number: int) -> int:
    return -1 if number < 0 else 1


def _side_data(frame: VideoFrame, kind: str) -> bytes:
    data = frame.side_data.get(kind)
    return bytes(data) if isinstance(data, SideData) else b""
