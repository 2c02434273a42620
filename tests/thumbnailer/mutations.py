"""Real clips, damaged at random: short copies of their streams, and what is done to the bytes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np

from tests.thumbnailer.features.means import Means
from thumbnailer.choose import choose
from thumbnailer.encode.renditions import render
from thumbnailer.encode.settings import EncoderSettings, FormatSettings
from thumbnailer.features.analysis import analyse
from thumbnailer.features.base import FeatureManifest

SHORT_S = 1.5
HEADER_BYTES = 4096
SMALL = EncoderSettings(box=(64, 36), formats=(FormatSettings("gif", 60, 700_000),), wide=())

Content = np.ndarray[tuple[int], np.dtype[np.uint8]]


def make_thumbnail(path: str) -> int:
    """Take a video the whole way, at a small size and without a network; return the GIF's bytes."""
    video = analyse(path, Means(FeatureManifest("means", 1280, 32, 3, 1, "none", "0" * 64)))
    chosen = choose(video, "uniform")
    gif, still = render(path, chosen.starts_s, chosen.shot_length_s, settings=SMALL)
    if not (gif.content.startswith(b"GIF89a") and still.content.startswith(b"\xff\xd8")):
        raise AssertionError("no picture came out")
    return len(gif.content)


def shortened(source: Path, folder: Path) -> Path:
    """Copy the first second and a half of the streams as they are, to a file of the same kind."""
    target = folder / source.name
    with av.open(str(source)) as old, av.open(str(target), "w") as new:
        kept = {
            stream.index: new.add_stream_from_template(stream, opaque=True)
            for stream in old.streams
            if stream.type in {"video", "audio"} and stream.codec_context is not None
        }
        for packet in old.demux([old.streams[index] for index in kept]):
            if packet.dts is None or packet.time_base is None:
                continue
            if packet.dts * packet.time_base > SHORT_S:
                break
            packet.stream = kept[packet.stream.index]
            new.mux(packet)
    return target


def mutants(clips: list[bytes], count: int, seed: int) -> Iterator[tuple[int, bytes]]:
    """Yield (number of the clip, its bytes with one to four damages)."""
    for number in range(count):
        yield mutant(clips, seed, number)


def mutant(clips: list[bytes], seed: int, number: int) -> tuple[int, bytes]:
    """Return one of the mutants of a seed, whichever were made before."""
    rng = np.random.default_rng([seed, number])
    chosen = int(rng.integers(len(clips)))
    content = np.frombuffer(clips[chosen], np.uint8).copy()
    for _ in range(rng.integers(1, 5)):
        damage = DAMAGES[rng.integers(len(DAMAGES))]
        content = damage(content, rng) if len(content) else content  # nothing is left to harm
    return chosen, content.tobytes()


def _place(content: Content, rng: np.random.Generator, length: int) -> slice:
    """Return so many bytes somewhere; in half of all cases in the header or the index."""
    end = max(1, len(content) - length)
    near = int(rng.integers(min(end, HEADER_BYTES)))
    start = [near, max(0, end - near), *rng.integers(end, size=2)][rng.integers(4)]
    return slice(int(start), int(start) + length)


def _flip_bit(content: Content, rng: np.random.Generator) -> Content:
    content[_place(content, rng, 1)] ^= np.uint8(1 << rng.integers(8))
    return content


def _noise(content: Content, rng: np.random.Generator) -> Content:
    place = _place(content, rng, int(rng.integers(1, 200)))
    content[place] = rng.integers(0, 256, len(content[place]), dtype=np.uint8)
    return content


def _extreme(content: Content, rng: np.random.Generator) -> Content:
    """Set what may be a size, a count or a time to a number of trouble."""
    width = [1, 2, 4, 8][rng.integers(4)]
    value = [0, 1, (1 << 8 * width) - 1, 1 << 8 * width - 1, (1 << 8 * width - 1) - 1][
        rng.integers(5)
    ]
    place = _place(content, rng, width)
    number = np.frombuffer(value.to_bytes(width, "big"), np.uint8)
    content[place] = number[: len(content[place])]
    return content


def _cut_out(content: Content, rng: np.random.Generator) -> Content:
    place = _place(content, rng, int(rng.integers(1, 2000)))
    return np.concatenate([content[: place.start], content[place.stop :]])


def _repeat(content: Content, rng: np.random.Generator) -> Content:
    place = _place(content, rng, int(rng.integers(1, 2000)))
    return np.concatenate([content[: place.stop], content[place], content[place.stop :]])


def _truncate(content: Content, rng: np.random.Generator) -> Content:
    return content[: int(rng.integers(1, len(content) + 1))]


DAMAGES: list[Callable[[Content, np.random.Generator], Content]] = [
    _flip_bit,
    _noise,
    _extreme,
    _cut_out,
    _repeat,
    _truncate,
]
