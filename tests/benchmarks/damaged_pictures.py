"""Films of many kinds, damaged, and how much of a thumbnail no moment of the whole film shows."""

from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from tests.thumbnailer.mutations import SMALL
from thumbnailer.choose import choose
from thumbnailer.encode.parts.scheduling import scheduling_kept
from thumbnailer.encode.renditions import render
from thumbnailer.features.analysis import Analysis
from thumbnailer.video.decoding_log import DecodingLog
from thumbnailer.video.measures import Measurer
from thumbnailer.video.sampling import sample_video
from thumbnailer.video.shots import shot_count
from thumbnailer.video.soundness import check_soundness

FPS, LENGTH_S, KEYFRAME_EVERY = 12, 8, 12
SIZE = (160, 90)
# The same films in every run: x264 without its macroblock tree, VP8 of a speed that no clock sets.
X264 = {"crf": "26", "x264-params": "mbtree=0"}
KINDS = {
    "h264.mp4": ("libx264", X264),
    "h264.ts": ("libx264", X264),
    "h265.mp4": ("libx265", {"crf": "28", "x265-params": "log-level=none:pools=1"}),
    "h265.mkv": ("libx265", {"crf": "28", "x265-params": "log-level=none:pools=1"}),
    "av1.mp4": ("libsvtav1", {"crf": "35", "preset": "10", "svtav1-params": "lp=1"}),
    "vp9.webm": ("libvpx-vp9", {"crf": "35", "b": "0", "deadline": "realtime", "cpu-used": "6"}),
    "vp8.webm": ("libvpx", {"b": "200k", "deadline": "realtime", "cpu-used": "-5"}),
    "mpeg4.avi": ("mpeg4", {"b": "300k"}),
    "mpeg2.mpg": ("mpeg2video", {"b": "400k"}),
}
DIMENSION = 1280  # of features
LOOKED_AT = 4  # of a GIF's frames each fourth
BLOCK_PX = 4  # of pictures 64 wide
FOREIGN = 30  # levels of 255 by which a block differs from the likest at its place

Frames = NDArray[np.uint8]  # (N, H, W, 3)


def write_films(source: Path, folder: Path) -> dict[str, Path]:
    """Encode the beginning of a real clip in each kind of file, the same bytes each time."""
    frames = list(_frames(source))
    return {name: _write(folder / name, frames, *KINDS[name]) for name in KINDS}


def _frames(source: Path) -> Iterator[Frames]:
    with av.open(str(source)) as container:
        stream = container.streams.video[0]
        step = max(1, round(float(stream.average_rate or FPS) / FPS))
        for number, frame in enumerate(container.decode(stream)):
            if number // step >= FPS * LENGTH_S:
                return
            if number % step == 0:
                yield np.asarray(frame.reformat(*SIZE, format="rgb24").to_ndarray(), np.uint8)


def _write(path: Path, frames: list[Frames], codec: str, options: dict[str, str]) -> Path:
    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream(codec, rate=FPS, options=options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        stream.codec_context.gop_size = KEYFRAME_EVERY
        stream.codec_context.thread_count = 1
        with scheduling_kept():
            container.start_encoding()
        for number, each in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(each, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def write_reference(film: Path, target: Path) -> None:
    """Keep all frames of a whole film, as small as its thumbnails."""
    with av.open(str(film)) as container:
        width, height = SMALL.box
        frames = [
            frame.reformat(width, height, "rgb24", interpolation="AREA").to_ndarray()
            for frame in container.decode(video=0)
        ]
    np.save(target, np.stack(frames))


def foreign_share(path: str, references: str) -> float:
    """Make a thumbnail of a damaged film; return the largest share of a picture that is foreign.

    A block is foreign where it is unlike its place at every moment of the whole film. Bars stay, so
    that places are the same: a film of which much is lost may have others. A header that is damaged
    may turn or mirror the film, which is no noise: the picture is judged as it lies best.

    Args:
        path: called "NUMBER-NAME", after the whole film.
        references: the folder in which the whole film's frames are kept as "NAME.npy".
    """
    video = _measured(path)
    chosen = choose(video, "uniform")
    files = render(path, chosen.starts_s, chosen.shot_length_s, settings=SMALL)
    whole = np.load(Path(references, Path(path).name.partition("-")[2] + ".npy"))
    shown = [frame for file in files for frame in _shown(file.content)]
    least = 1.0
    for turn in range(8):
        least = min(least, max(_foreign(_turned(frame, turn), whole) for frame in shown))
        if not least:
            break
    return least


def _measured(path: str) -> Analysis:
    """Take the decoding pass alone: features and faces do not tell what is damaged."""
    measurer, log = Measurer(), DecodingLog()
    for sample in sample_video(path, rgb_size=8, log=log):
        if sample.end_tick > sample.first_tick:
            measurer.add(sample)
    frames = measurer.finish(log)
    if log.is_damaged:
        check_soundness(Path(path), frames.errors)
    features = np.zeros((shot_count(frames), DIMENSION), np.float32)
    return Analysis(
        features, frames, log.skipped_packets, measurer.part(), is_damaged=log.is_damaged
    )


def _shown(content: bytes) -> Iterator[Frames]:
    """Yield the pictures of a file, of a moving one each fourth."""
    with Image.open(BytesIO(content)) as image:
        for number, frame in enumerate(ImageSequence.Iterator(image)):
            if number % LOOKED_AT == 0:
                yield np.asarray(frame.convert("RGB"))


def _turned(frame: Frames, turn: int) -> Frames:
    """Return a picture in one size, turned by quarters and mirrored in each of eight ways."""
    lying = np.ascontiguousarray(np.rot90(frame, turn // 2)[:, :: -1 if turn % 2 else 1])
    return np.asarray(Image.fromarray(lying).resize(SMALL.box, Image.Resampling.BOX))


def _foreign(shown: Frames, whole: Frames) -> float:
    apart = np.maximum(whole, shown) - np.minimum(whole, shown)  # without overflow
    count, height, width, _ = apart.shape
    rows, columns = height // BLOCK_PX, width // BLOCK_PX
    blocks = apart.reshape(count, rows, BLOCK_PX, columns, BLOCK_PX * 3)
    means = blocks.sum(axis=(2, 4), dtype=np.uint16) / (3 * BLOCK_PX**2)
    return float((means.min(axis=0) > FOREIGN).mean())
