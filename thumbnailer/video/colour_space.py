"""The meaning of a frame's numbers as colours, as browsers take them.

Numbers are the code points of ITU-T H.273.
"""

from dataclasses import dataclass
from pathlib import Path

from av.video.frame import VideoFrame

from thumbnailer.errors import UnknownColoursError
from thumbnailer.video.picture import Picture

RGB, BT709, UNSPECIFIED, FCC, BT470BG, SMPTE170M, SMPTE240M = 0, 1, 2, 4, 5, 6, 7
BT2020, BT2020_CONSTANT, ICTCP, IPT_C2 = 9, 10, 14, 15
PQ, HLG = 16, 18
HD_LINES = 720
# These describe colours whole or not at all; of a part Chromium believes nothing.
DESCRIBED_WHOLE = frozenset({"h264", "hevc", "vp8"})
# Chromium takes these for BT.601 of any size, all others by their height (media/ffmpeg's
# ffmpeg_common.cc, AVStreamToVideoDecoderConfig).
SMALL_AT_ANY_SIZE = frozenset({"vp9", "libvpx-vp9", "av1", "libdav1d"})
FILTER_NAMES = {
    BT709: "bt709", FCC: "fcc", BT470BG: "bt601", SMPTE170M: "bt601", SMPTE240M: "smpte240m",
    BT2020: "bt2020", BT2020_CONSTANT: "bt2020",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ColourSpace:
    """How numbers are colours.

    Attributes:
        matrix: from luma and colour differences to red, green and blue.
        primaries: which red, green and blue.
        transfer: from code to light.
    """

    matrix: int
    primaries: int
    transfer: int

    @property
    def is_hdr(self) -> bool:
        """Tell whether it holds light that screens of web pages do not."""
        return self.transfer in {PQ, HLG}

    @property
    def scale_options(self) -> str:
        """What FFmpeg's scale filter is to be told; empty where it knows."""
        name = FILTER_NAMES.get(self.matrix)
        return f":in_color_matrix={name}" if name else ""


SMALL = ColourSpace(SMPTE170M, SMPTE170M, SMPTE170M)
LARGE = ColourSpace(BT709, BT709, BT709)


def check_colours(path: Path, frame: VideoFrame) -> None:
    """Refuse what would come out in wrong colours.

    Raises:
        UnknownColoursError: ICtCp, and the like of it in Dolby Vision.
    """
    if frame.colorspace in {ICTCP, IPT_C2}:
        raise UnknownColoursError(
            f"{path} has colours of ICtCp (matrix {frame.colorspace}), which are not read: export "
            "it again as HDR10, HLG or SDR"
        )


def colour_space(picture: Picture) -> ColourSpace:
    """Return how the frame's colours are to be read, where its file does not say as browsers do."""
    frame = picture.frame
    given = ColourSpace(frame.colorspace, frame.color_primaries, frame.color_trc)
    if frame.format.is_rgb:
        return ColourSpace(RGB, given.primaries, given.transfer)
    if given.matrix == RGB:  # on a format that is not: Chromium has seen such files, too
        return LARGE
    if UNSPECIFIED not in {given.matrix, given.primaries, given.transfer}:
        return given
    if given.matrix != UNSPECIFIED and picture.codec not in DESCRIBED_WHOLE:
        return ColourSpace(given.matrix, UNSPECIFIED, UNSPECIFIED)
    is_small = frame.height < HD_LINES or picture.codec in SMALL_AT_ANY_SIZE
    return SMALL if is_small else LARGE
