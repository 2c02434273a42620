"""Opens a video file, safely: local files only, known containers only, one decoding thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from mmap import mmap
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from thumbnailer.errors import (
    EmptyFileError,
    NoVideoTrackError,
    PlaylistError,
    TooManyStreamsError,
    UnreadableVideoError,
    VideoError,
    VideoNotFoundError,
    VideoTooLargeError,
    VideoTooLongError,
)

# Demuxers that read one file and no other. Playlists (HLS, DASH, concat), devices, patterns of
# pictures and text art are left out: they would open files and addresses that the name hides.
DEMUXERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,ogg,mpegts,mpeg,mpegvideo,m4v,flv,asf,"
    "gif,ivf,h264,hevc,obu,mxf,nut,yuv4mpegpipe,apng,rm,dv,wav,mp3,flac,aac"
)
MAX_PIXELS = 8192 * 4320
BYTES_IN_A_PIXEL = 4
SPARE_BYTES = 16 * 1024 * 1024
MAX_DURATION_S = 4 * 3600
MAX_STREAMS = 100
# HLS, FFmpeg's lists, SDP and the lists of players begin like this; DASH has <MPD further on.
PLAYLISTS = (b"#EXTM3U", b"ffconcat", b"v=0", b"<asx", b"[playlist]", b"[Reference]")
NOT_MOVING = Disposition.attached_pic | Disposition.still_image | Disposition.timed_thumbnails


@dataclass(slots=True)
class OpenVideo:
    """An open file and the stream of it that people watch.

    Attributes:
        path: the file, for messages.
        container: PyAV's open container.
        stream: the largest video stream that is not cover art.
        skipped_packets: how many packets so far could not be decoded.
    """

    path: Path
    container: InputContainer
    stream: VideoStream
    skipped_packets: int = 0


@contextmanager
def open_video(path: str | Path) -> Iterator[OpenVideo]:
    """Open the file's main video stream, and close it at the end.

    Raises:
        VideoNotFoundError: where there is no such regular file.
        EmptyFileError: where it has no bytes.
        PlaylistError: where it names other files.
        TooManyStreamsError: where it has more than 100 streams.
        UnreadableVideoError: where it is no container of the list above.
        NoVideoTrackError: where nothing in it moves.
        VideoTooLongError: where its header says that it lasts over 4 hours.
        VideoTooLargeError: where a picture has more than 8192 x 4320 pixels.
    """
    path = Path(path)
    container = _open_container(path)
    with container:
        check_duration(path, (container.duration or 0) / av.time_base)
        stream = _main_stream(container, path)
        check_pixels(path, stream.codec_context.width, stream.codec_context.height)
        # One worker process uses one core; more threads would take from its neighbours.
        stream.codec_context.thread_count = 1
        yield OpenVideo(path, container, stream)


def check_pixels(path: Path, width: int, height: int) -> None:
    """Refuse pictures of a size that no one watches and that would fill the memory.

    Raises:
        VideoTooLargeError: above 8192 x 4320 pixels.
    """
    if width * height > MAX_PIXELS:
        raise VideoTooLargeError(
            f"{path} is {width} x {height} pixels, must be at most {MAX_PIXELS} pixels in all: "
            "make a smaller copy"
        )


def check_duration(path: Path, duration_s: float) -> None:
    """Refuse what would keep a worker busy for hours.

    Raises:
        VideoTooLongError: above 4 hours.
    """
    if duration_s > MAX_DURATION_S:
        raise VideoTooLongError(
            f"{path} lasts {duration_s:.0f} s, must end by {MAX_DURATION_S} s: cut it, or export "
            "it again if its time stamps jump"
        )


def check_memory(path: Path, pixels: int) -> None:
    """Tell the end of the memory from damage, which is what decoders make of it.

    FFmpeg's own ENOMEM says little: H.264 passes it on as invalid data, and a damaged header may
    ask for more than there is.

    Raises:
        MemoryError: where this process cannot have another picture of so many pixels.
    """
    try:
        mmap(-1, SPARE_BYTES + pixels * BYTES_IN_A_PIXEL).close()
    except OSError as error:
        raise MemoryError(f"{path}: no memory for a picture of {pixels} pixels") from error


def _open_container(path: Path) -> InputContainer:
    if not path.is_file():
        raise VideoNotFoundError(f"{path} is no file that can be read: check the name and rights")
    # An absolute path holds no "protocol:" for FFmpeg to follow.
    options = {
        "protocol_whitelist": "file",
        "format_whitelist": DEMUXERS,
        "max_streams": str(MAX_STREAMS),
    }
    try:
        return av.open(str(path.resolve()), options=options, metadata_errors="replace")
    except (av.FFmpegError, OSError, ValueError, MemoryError) as error:
        check_memory(path, 0)
        raise _refusal(path, error) from error


def _refusal(path: Path, error: Exception) -> VideoError:
    """Return what to say of a file that FFmpeg does not open."""
    if isinstance(error, MemoryError):  # so FFmpeg says it
        return TooManyStreamsError(
            f"{path} has over {MAX_STREAMS} streams or a header larger than the memory: "
            "export it again with its picture and sound alone"
        )
    try:
        with path.open("rb") as file:
            head = file.read(1000)
    except OSError as gone:
        return VideoNotFoundError(f"{path} cannot be read any more ({gone}): check disk and rights")
    if not head:
        return EmptyFileError(f"{path} is empty: upload it again")
    if head.lstrip().startswith(PLAYLISTS) or b"<MPD" in head:
        return PlaylistError(
            f"{path} is a list of other files, which are not followed: upload the video itself"
        )
    return UnreadableVideoError(
        f"{path} is no video file that is accepted ({error}): text and pictures are refused; "
        "export it again as MP4 or WebM"
    )


def _main_stream(container: InputContainer, path: Path) -> VideoStream:
    moving = [
        stream
        for stream in container.streams.video
        if stream.codec_context is not None and not stream.disposition & NOT_MOVING
    ]
    if not moving:
        raise NoVideoTrackError(
            f"{path} holds no video track that can be decoded: upload the file that has the picture"
        )
    return max(moving, key=lambda s: s.codec_context.width * s.codec_context.height)
