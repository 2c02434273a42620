"""A video file, opened safely: local files only, known containers only, one decoding thread."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from thumbnailer.errors import (
    EmptyFileError,
    EncryptedVideoError,
    NoVideoTrackError,
    PlaylistError,
    TooManyStreamsError,
    UnreadableVideoError,
    VideoError,
    VideoNotFoundError,
)
from thumbnailer.settings import DEFAULT_FILM, FilmSettings
from thumbnailer.video.checksums import Checksums
from thumbnailer.video.clock import Clock
from thumbnailer.video.counters import Counters
from thumbnailer.video.damage import CONTAINER_COMPLAINTS, listening
from thumbnailer.video.decoder import decoder_of
from thumbnailer.video.description import (
    check_dolby_vision,
    description,
    hidden_edges,
    is_arranged,
    pixel_aspect,
)
from thumbnailer.video.limits import (
    MAX_STREAMS,
    check_duration,
    check_memory,
    check_pixels,
)
from thumbnailer.video.picture import Arrangement, Edges, Picture

# Demuxers that read one file and no other. Playlists (HLS, DASH, concat), devices, patterns of
# pictures and text art are left out: they would open files and addresses that the name hides.
DEMUXERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,ogg,mpegts,mpeg,mpegvideo,m4v,flv,asf,"
    "gif,ivf,h264,hevc,obu,mxf,nut,yuv4mpegpipe,apng,rm,dv,wav,mp3,flac,aac"
)
DEFAULT_FRAME_S = 1 / 25
MOST_PIXEL_ASPECT = 4  # twice the widest in use (H.264, table E-1); what says more is damaged
# A coder that ends packets in its own way, or a codec read wrongly, shows throughout a film.
LEAST_JUDGED, MOST_WRONG_SHARE = 4, 1 / 2
# HLS, FFmpeg's lists, SDP and the lists of players begin like this; DASH has <MPD further on.
PLAYLISTS = (b"#EXTM3U", b"ffconcat", b"v=0", b"<asx", b"[playlist]", b"[Reference]")
NOT_MOVING = Disposition.attached_pic | Disposition.still_image | Disposition.timed_thumbnails


@dataclass(slots=True)
class Tally:
    """How many packets were judged, and how many of them seem wrong."""

    judged: int = 0
    wrong: int = 0

    def add(self, *, is_wrong: bool) -> None:
        """Count a packet."""
        self.judged += 1
        self.wrong += is_wrong

    @property
    def is_its_way(self) -> bool:
        """Whether so many are wrong that it is the coder's way, and tells nothing."""
        return self.judged >= LEAST_JUDGED and self.wrong > MOST_WRONG_SHARE * self.judged


@dataclass(slots=True)
class OpenVideo:
    """An open file and the stream of it that people watch.

    Attributes:
        path: the file, for messages.
        container: PyAV's open container.
        stream: the default video stream, or the largest of several, that is not cover art.
        decoder: the stream's, or one that reads its transparency, too.
        checksums: the container's own, where it is of a kind that has some.
        counters: those of its packets, likewise.
        hidden: edges of its frames that the container says are not to be shown.
        settings: the ways in which it may be read.
        aspect_of_container: width of a pixel by its height, where the container says another than
            the stream itself, which may change its own midway.
        is_header_odd: whether FFmpeg complained of the container when it opened it.
        arrangement: of all frames, where the decoder would lose it.
        arranged: a size of frames, and how the latest of this size are arranged.
        skipped_packets: how many packets so far could not be decoded.
        ends: packets that were read to their end (thumbnailer.video.readers); wrong are those that
            do not end where their pictures do.
        order: packets whose decoder tells of gaps; wrong are those that follow one.
        needed_from_s: the time stamp before which frames that nothing is built on may be left out.
    """

    path: Path
    container: InputContainer
    stream: VideoStream
    decoder: VideoCodecContext
    checksums: Checksums | None
    counters: Counters | None
    hidden: Edges
    settings: FilmSettings
    aspect_of_container: Fraction | None
    is_header_odd: bool
    arrangement: Arrangement | None = None
    arranged: tuple[tuple[int, int], Arrangement] | None = None
    skipped_packets: int = 0
    ends: Tally = field(default_factory=Tally)
    order: Tally = field(default_factory=Tally)
    needed_from_s: float = -math.inf

    @property
    def ends_its_own_way(self) -> bool:
        """Whether so many packets do not end where their pictures do that it tells nothing."""
        return self.ends.is_its_way or self.order.is_its_way

    def picture(self, frame: VideoFrame) -> Picture:
        """Return a frame that was decoded just now, with how it is shown."""
        size = frame.width, frame.height
        if self.arranged is None or self.arranged[0] != size:
            self.arranged = size, self.arrangement or Arrangement.of(frame)
        aspect = self.aspect_of_container or self.decoder.sample_aspect_ratio or Fraction(1)
        if not _is_likely(aspect):
            aspect = Fraction(1)
        kept = self.hidden, self.arranged[1], self.settings.background
        return Picture(frame, self.decoder.name, aspect, *kept)


def _is_likely(aspect: Fraction) -> bool:
    """Tell whether pixels are no wider or higher than may be; of whole numbers, for each frame."""
    width, height = aspect.numerator, aspect.denominator
    return width <= MOST_PIXEL_ASPECT * height and height <= MOST_PIXEL_ASPECT * width


@contextmanager
def open_video(path: str | Path, settings: FilmSettings = DEFAULT_FILM) -> Iterator[OpenVideo]:
    """Open the file's main video stream, and close it at the end.

    Raises:
        VideoNotFoundError: where there is no such regular file.
        EmptyFileError: where it has no bytes.
        PlaylistError: where it names other files.
        TooManyStreamsError: where it has more than 100 streams.
        UnreadableVideoError: where it is no container of the list above.
        NoVideoTrackError: where nothing in it moves.
        VideoTooLongError: where header and packets say that it lasts longer than may be.
        VideoTooLargeError: where a picture has more than 8192 x 4320 pixels.
        UnknownColoursError: where only Dolby Vision's own players can show it.
    """
    path = Path(path)
    with _opened(path, settings) as video:
        if (video.container.duration or 0) / av.time_base > settings.longest_s:
            with _opened(path, settings) as again:
                counted(again)
        yield video


@contextmanager
def _opened(path: Path, settings: FilmSettings) -> Iterator[OpenVideo]:
    with listening(CONTAINER_COMPLAINTS) as complaints:
        container = _open_container(path)
    with container, path.open("rb") as file:
        stream = _main_stream(container, path)
        check_pixels(path, stream.codec_context.width, stream.codec_context.height)
        text = description(container, stream)
        check_dolby_vision(path, text)
        decoder = decoder_of(stream, text)
        # One worker process uses one core; more threads would take from its neighbours.
        decoder.thread_count = 1
        checksums = Checksums(file) if "matroska" in container.format.name else None
        counters = Counters(file) if container.format.name == "mpegts" else None
        hidden = hidden_edges(text)
        aspect = pixel_aspect(stream, hidden)
        is_lost = decoder is not stream.codec_context and is_arranged(text)
        arrangement = _arrangement(path, stream.index) if is_lost else None
        told = aspect, complaints.heard, arrangement
        yield OpenVideo(
            path, container, stream, decoder, checksums, counters, hidden, settings, *told
        )


def _arrangement(path: Path, index: int) -> Arrangement | None:
    """Return how pictures are arranged, as the stream's own decoder tells; None where it fails."""
    try:
        with _open_container(path) as container:
            [stream] = (each for each in container.streams.video if each.index == index)
            frames = (frame for packet in container.demux(stream) for frame in packet.decode())
            return Arrangement.of(next(frames))
    except (av.FFmpegError, OSError, StopIteration):
        return None


def packets_of(video: OpenVideo) -> Iterator["Packet[VideoStream]"]:
    """Yield the stream's packets until the container ends or breaks off.

    Raises:
        EncryptedVideoError: where a packet is encrypted.
    """
    try:
        for packet in video.container.demux(video.stream):
            if packet.has_sidedata("encryption_info"):
                raise EncryptedVideoError(
                    f"{video.path} is encrypted: export it again without copy protection"
                )
            yield packet
    except IndexError:
        return  # at its end PyAV goes through the streams, and met one that began midway
    except (av.FFmpegError, OSError):
        skip(video)


def skip(video: OpenVideo) -> None:
    """Count a packet that cannot be read or decoded.

    Raises:
        MemoryError: where it is the memory that is at fault.
    """
    codec = video.stream.codec_context
    check_memory(video.path, codec.width * codec.height)
    video.skipped_packets += 1


def counted(video: OpenVideo) -> Clock:
    """Read the film to its end without decoding it, and return its clock then.

    Headers and last stamps may lie; what is played is what packets there are.

    Raises:
        EncryptedVideoError: where a packet is encrypted.
        VideoTooLongError: where it lasts longer than may be.
    """
    clock = Clock(video.container.format.name)
    for packet in packets_of(video):
        if packet.time_base is None or packet.is_discard or not packet.size:
            continue
        stamp_s = None if packet.dts is None else float(packet.dts * packet.time_base)
        clock.time_s(stamp_s, _length_s(video, packet))
        check_duration(video.path, clock.end_s, video.settings.longest_s)
    return clock


def _length_s(video: OpenVideo, packet: "Packet[VideoStream]") -> float:
    if packet.duration and packet.time_base:
        return float(packet.duration * packet.time_base)
    return stream_frame_s(video)


def stream_frame_s(video: OpenVideo) -> float:
    """Return how long a frame is shown by the stream's frame rate."""
    rate = video.stream.average_rate
    return float(1 / rate) if rate else DEFAULT_FRAME_S


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
    return max(moving, key=_rank)


def _rank(stream: VideoStream) -> tuple[bool, bool, int]:
    """Order streams as players do: what moves, what the file says is the default, the largest."""
    codec = stream.codec_context
    is_default = bool(stream.disposition & Disposition.default)
    return stream.frames != 1, is_default, codec.width * codec.height
