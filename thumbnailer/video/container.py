"""Opens a video file, safely: local files only, known containers only, one decoding thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from thumbnailer.errors import (
    NoVideoTrackError,
    UnreadableVideoError,
    VideoNotFoundError,
    VideoTooLargeError,
)

# Demuxers that read one file and no other. Playlists (HLS, DASH, concat), devices, patterns of
# pictures and text art are left out: they would open files and addresses that the name hides.
DEMUXERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,ogg,mpegts,mpeg,mpegvideo,m4v,flv,asf,"
    "gif,ivf,h264,hevc,obu,mxf,nut,yuv4mpegpipe,apng,rm,dv,wav,mp3,flac,aac"
)
MAX_PIXELS = 8192 * 4320
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
        UnreadableVideoError: where it is no container of the list above.
        NoVideoTrackError: where nothing in it moves.
        VideoTooLargeError: where a picture has more than 8192 x 4320 pixels.
    """
    path = Path(path)
    container = _open_container(path)
    with container:
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


def _open_container(path: Path) -> InputContainer:
    if not path.is_file():
        raise VideoNotFoundError(f"{path} is no file that can be read: check the name and rights")
    # An absolute path holds no "protocol:" for FFmpeg to follow.
    options = {"protocol_whitelist": "file", "format_whitelist": DEMUXERS}
    try:
        return av.open(str(path.resolve()), options=options, metadata_errors="replace")
    except (av.FFmpegError, OSError, ValueError) as error:
        raise UnreadableVideoError(
            f"{path} is no video file that is accepted ({error}): playlists, text and pictures are "
            "refused; export it again as MP4 or WebM"
        ) from error


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
