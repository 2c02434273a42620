"""A film for browsers: H.264 and AAC in MP4, of whatever a video file holds, where it is needed.

The picture is what thumbnails are cut from: upright, whole, in a browser's colours, on one clock.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from av.video.stream import VideoStream

from thumbnailer.encode.parts.colour_tags import tag_colours
from thumbnailer.settings import FilmSettings
from thumbnailer.video.container import OpenVideo, open_video
from thumbnailer.video.decode import FilmFrame, film_frames, sound_picture
from thumbnailer.video.scale import Scaler, fit

LONG_SIDE_PX, SHORT_SIDE_PX = 1280, 720
MOST_PER_S = 60  # frames
CRF, PRESET = "23", "veryfast"  # x264's own quality; a film is watched once or twice
SOUND_HZ, SOUND_BITS_PER_S = 48_000, 128_000
TICK = Fraction(1, 90_000)
# What browsers of this day play, by the suffix that the file is served with.
PLAYED = {
    ".mp4": ({"h264", "av1"}, {"aac", "mp3"}),
    ".m4v": ({"h264", "av1"}, {"aac", "mp3"}),
    ".webm": ({"vp8", "vp9", "av1"}, {"opus", "vorbis"}),
}
PLAYED_PIXELS = {"yuv420p", "yuvj420p"}  # ten bits, and halved in one direction alone: not by all


def plays_in_browsers(path: Path, film: FilmSettings) -> bool:
    """Tell whether browsers play the file as it is.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    pictures, sounds = PLAYED.get(path.suffix.lower(), (set[str](), set[str]()))
    with open_video(path, film) as video:
        codec = video.stream.codec_context
        heard = {each.codec_context.name for each in video.container.streams.audio[:1]}
        return codec.name in pictures and codec.pix_fmt in PLAYED_PIXELS and heard <= sounds


def write_playable(path: Path, target: Path, film: FilmSettings) -> None:
    """Write the film, its index first, so that playing starts before all of it is there.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
        OSError: where there is no room for it.
    """
    with open_video(path, film) as video:
        size = _size(*sound_picture(video).shown_size)
    with (
        open_video(path, film) as video,
        open_video(path, film) as again,
        av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as made,
    ):
        _write(video, again.container, made, size)


def _size(width: int, height: int) -> tuple[int, int]:
    box = (LONG_SIDE_PX, SHORT_SIDE_PX) if width >= height else (SHORT_SIDE_PX, LONG_SIDE_PX)
    return fit(width, height, *box)


def _write(
    video: OpenVideo, sounding: InputContainer, made: OutputContainer, size: tuple[int, int]
) -> None:
    """Write picture and sound side by side, as a player reads them."""
    picture, sound = _picture_stream(made, video, size), _sound_stream(made, sounding)
    heard: Iterator[AudioFrame] = iter(())
    waiting: AudioFrame | None = None
    for number, frame in enumerate(_pictures(video, size)):
        if number == 0 and sound is not None:
            heard = _sounds(sounding, frame.starts_at_s)
            waiting = next(heard, None)
        made.mux(picture.encode(frame.yuv))
        while sound is not None and waiting is not None and _time_s(waiting) <= frame.at_s:
            made.mux(sound.encode(waiting))
            waiting = next(heard, None)
    made.mux(picture.encode())
    if sound is not None:
        made.mux(sound.encode())


@dataclass(frozen=True, slots=True)
class _Picture:
    """A frame to be encoded, its time, and the stamp at which its film begins in the file."""

    yuv: VideoFrame
    at_s: float
    starts_at_s: float


def _pictures(video: OpenVideo, size: tuple[int, int]) -> Iterator[_Picture]:
    scale, reformatter = Scaler(*size, keep_shape=True), VideoReformatter()
    next_s, starts_at_s = 0.0, 0.0
    for number, each in enumerate(film_frames(video)):
        if number == 0:
            starts_at_s = _stamp_s(each) - each.start_s
        if each.start_s < next_s:
            continue
        next_s = each.start_s + 0.9 / MOST_PER_S
        yuv = reformatter.reformat(
            VideoFrame.from_ndarray(scale(each.picture), format="rgb24"),
            format="yuv420p",
            dst_colorspace=Colorspace.ITU601,
            dst_color_range=ColorRange.MPEG,
            threads=1,
        )
        yuv.pts, yuv.time_base = round(each.start_s / TICK), TICK
        yield _Picture(yuv, each.start_s, starts_at_s)


def _stamp_s(frame: FilmFrame) -> float:
    found = frame.picture.frame
    return 0.0 if found.pts is None or found.time is None else found.time


def _sounds(sounding: InputContainer, starts_at_s: float) -> Iterator[AudioFrame]:
    """Yield the sound from where the picture begins; what is damaged of it is left out."""
    resampler = AudioResampler(format="fltp", layout="stereo", rate=SOUND_HZ)
    for frame in _decoded(sounding):
        if frame.pts is None or not frame.time_base:
            continue
        frame.pts -= round(starts_at_s / frame.time_base)
        if frame.pts < 0:
            continue
        yield from resampler.resample(frame)


def _decoded(sounding: InputContainer) -> Iterator[AudioFrame]:
    packets = sounding.demux(sounding.streams.audio[0])
    while True:
        try:
            packet = next(packets, None)
            frames = packet.decode() if packet is not None else None
        except IndexError:
            return  # at its end PyAV goes through the streams, and met one that began midway
        except (av.FFmpegError, OSError):
            continue
        if frames is None:
            return
        yield from frames


def _time_s(frame: AudioFrame) -> float:
    return 0.0 if frame.time is None else frame.time


def _picture_stream(made: OutputContainer, video: OpenVideo, size: tuple[int, int]) -> VideoStream:
    rate = min(Fraction(video.stream.average_rate or 25), Fraction(MOST_PER_S))
    stream = made.add_stream("libx264", rate=rate.limit_denominator(1001))
    assert isinstance(stream, VideoStream)  # noqa: S101  # as the codec is one of video
    stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
    stream.options = {"crf": CRF, "preset": PRESET}
    stream.codec_context.time_base, stream.codec_context.thread_count = TICK, 1
    tag_colours(stream)
    return stream


def _sound_stream(made: OutputContainer, sounding: InputContainer) -> AudioStream | None:
    if not sounding.streams.audio:
        return None
    stream = made.add_stream("aac", rate=SOUND_HZ, bit_rate=SOUND_BITS_PER_S, layout="stereo")
    assert isinstance(stream, AudioStream)  # noqa: S101  # as the codec is one of sound
    return stream
