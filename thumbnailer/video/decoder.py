"""The decoder of a stream: of those at hand the one that shows most and makes up least."""

from av.codec.context import CodecContext
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from thumbnailer.video.description import is_arranged

LIBVPX = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
EIGHT_BITS = frozenset({"yuv420p", "yuv422p", "yuv440p", "yuv444p", "gbrp"})
# Of AV1 that breaks the rules of its standard more than half would be shown as noise.
OPTIONS = {"libdav1d": {"strict": "strict"}}


def decoder_of(stream: VideoStream, text: str) -> VideoCodecContext:
    """Return what decodes the stream: its own decoder, or libvpx.

    FFmpeg's own decoders of VP8 and VP9 leave transparency out, and its VP9 shows noise as pictures
    where libvpx refuses them. PyAV's libvpx reads 8 bits alone, and loses how pictures are turned.

    Args:
        stream: of an open container.
        text: what FFmpeg says of it.
    """
    own = stream.codec_context
    own.options = OPTIONS.get(own.name, {})
    has_alpha = ("alpha_mode", "1") in _lower(stream.metadata)
    is_plain_vp9 = own.name == "vp9" and own.pix_fmt in EIGHT_BITS and not is_arranged(text)
    if own.name not in LIBVPX or not (has_alpha or is_plain_vp9):
        return own
    decoder = CodecContext.create(LIBVPX[own.name], "r")
    assert isinstance(decoder, VideoCodecContext)  # noqa: S101  as those are
    decoder.color_primaries, decoder.color_trc = own.color_primaries, own.color_trc
    decoder.colorspace, decoder.color_range = own.colorspace, own.color_range
    return decoder


def tells_no_keyframes(decoder: VideoCodecContext) -> bool:
    """Tell whether its frames do not say that they are keyframes: then their packets do."""
    return decoder.name in LIBVPX.values()


def _lower(metadata: dict[str, str]) -> set[tuple[str, str]]:
    return {(key.lower(), value) for key, value in metadata.items()}
