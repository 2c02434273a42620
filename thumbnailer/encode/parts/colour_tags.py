"""Colours that a file names (ITU-T H.273): players guess those of small ones differently."""

from av.video.reformatter import ColorRange
from av.video.stream import VideoStream

BT709_PRIMARIES, SRGB_TRANSFER, BT601_MATRIX = 1, 13, 6


def tag_colours(stream: VideoStream) -> None:
    """Say that a stream holds a web page's colours, by BT.601 in the range of television."""
    context = stream.codec_context
    context.color_primaries, context.color_trc = BT709_PRIMARIES, SRGB_TRANSFER
    context.colorspace, context.color_range = BT601_MATRIX, ColorRange.MPEG.value
