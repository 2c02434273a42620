"""FFmpeg's own words about a stream, for what PyAV does not hand on.

It is what the `ffmpeg` program prints of a file.
"""

import re
from fractions import Fraction
from pathlib import Path

import av.logging
from av.container import InputContainer
from av.video.stream import VideoStream

from thumbnailer.errors import UnknownColoursError
from thumbnailer.video.picture import Edges

CROPPING = re.compile(r"Frame Cropping: (\d+)/(\d+)/(\d+)/(\d+)")
DOLBY_VISION = re.compile(r"DOVI configuration record: .*profile: (\d+).*compatibility id: (\d+)")
ARRANGED = ("display matrix", "displaymatrix", "stereo 3d", "stereo3d")
NOTHING_ELSE_READS_IT = "0"


def description(container: InputContainer, stream: VideoStream) -> str:
    """Return the lines about this stream."""
    level = av.logging.get_level()
    av.logging.set_level(av.logging.INFO)
    try:
        text: str = container.dumps_format()  # type: ignore[attr-defined]
    finally:
        av.logging.set_level(level)
    parts = re.split(r"^  Stream #0:(\d+)", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True)).get(str(stream.index), "")


def hidden_edges(text: str) -> Edges:
    """Return what a description says is to be cut off: Matroska's PixelCrop, MP4's clap."""
    found = CROPPING.search(text)
    return Edges(*map(int, found.groups())) if found else Edges()


def is_arranged(text: str) -> bool:
    """Tell whether pictures are turned, mirrored, or of two eyes, as a description says."""
    return any(kind in text.lower() for kind in ARRANGED)


def check_dolby_vision(path: Path, text: str) -> None:
    """Refuse Dolby Vision that no other decoder reads: it would come out green and purple.

    Raises:
        UnknownColoursError: of profile 5 and the like.
    """
    found = DOLBY_VISION.search(text)
    if found and found[2] == NOTHING_ELSE_READS_IT and found[1] != "7":
        raise UnknownColoursError(
            f"{path} is Dolby Vision of profile {found[1]}, whose colours only its own players "
            "read: export it again as HDR10, HLG or SDR"
        )


def pixel_aspect(stream: VideoStream, hidden: Edges) -> Fraction | None:
    """Return the pixels' width by height that the container gives; None where it gives none.

    Programs that hide edges may leave the shape of the whole behind, which would squeeze what is
    shown; then pixels are as the stream itself has them.
    """
    codec, aspect = stream.codec_context, stream.sample_aspect_ratio
    if not aspect or aspect == codec.sample_aspect_ratio:
        return None
    width = codec.width - hidden.left - hidden.right
    height = codec.height - hidden.top - hidden.bottom
    own = codec.sample_aspect_ratio or Fraction(1)
    if hidden != Edges() and aspect * width * codec.height == own * codec.width * height:
        return own
    return Fraction(aspect)
