"""The other formats: as many frames, at the right times, recognisable, of the right kind."""

import subprocess
import sys
from fractions import Fraction
from hashlib import sha256
from io import BytesIO

import av
import numpy as np
import pytest
from av.video.stream import VideoStream
from PIL import Image
from PIL.AvifImagePlugin import AvifImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.WebPImagePlugin import WebPImageFile

from tests.thumbnailer.encode.likeness import frames_on_screen, ssim
from tests.thumbnailer.encode.moving import moving_scene, whole_numbers_scene
from thumbnailer.encode.avif import AVIF
from thumbnailer.encode.formats import FORMATS
from thumbnailer.encode.gif.encoder import GIF
from thumbnailer.encode.mp4 import MP4
from thumbnailer.encode.parts.animation import AnimationFormat
from thumbnailer.encode.parts.footage import Footage
from thumbnailer.encode.still import VERSION, encode_still
from thumbnailer.encode.webp.encoder import WEBP
from thumbnailer.results import STILL

# Where this fails the same frames give other bytes: raise the format's version, and enter what the
# failure shows. GIF is our own to the last byte. Of WebP, AVIF and stills the pinned Pillow and
# PyAV write the pictures, which came out alike with and without AVX. x264 rounds as the processor
# lets it, so of MP4 only what it was told is compared: it writes that into the file.
BYTES_OF_VERSION = {
    ("gif", 2): "5699c325239dbcc9",
    ("webp", 1): "20ef45ded021e0c4",
    ("avif", 2): "40b46b52b93dd688",
    ("mp4", 2): "0a1cdce2927af150",
    ("still", 5): "0b253d9ba91e0812",  # other frames are chosen than by 4, of the same bytes
}
ALL = pytest.mark.parametrize("image_format", FORMATS.values(), ids=FORMATS.keys())


@ALL
def test_frames_come_back_alike(image_format: AnimationFormat) -> None:
    frames = moving_scene(6, 90, 160)

    content = image_format.encode(Footage(frames), 8, image_format.default_quality)

    shown = frames_on_screen(content, 6, 8)
    assert shown.shape == frames.shape
    assert ssim(frames, shown) > 0.8
    assert np.abs(shown.astype(int) - frames).mean() < 8


@ALL
@pytest.mark.parametrize("shape", [(1, 2, 2), (3, 1, 1), (2, 33, 17), (1, 90, 161)])
def test_tiny_and_odd_sizes(image_format: AnimationFormat, shape: tuple[int, int, int]) -> None:
    frames = moving_scene(shape[0], max(13, shape[1]), max(9, shape[2]))
    frames = np.ascontiguousarray(frames[:, : shape[1], : shape[2]])

    shown = frames_on_screen(image_format.encode(Footage(frames), 8, 60), shape[0], 8)

    assert shown.shape[0] == shape[0]
    assert all(0 <= a - b <= 1 for a, b in zip(shown.shape[1:3], shape[1:], strict=True))


@ALL
def test_a_frozen_picture_is_shown_throughout(image_format: AnimationFormat) -> None:
    frames = moving_scene(1).repeat(5, axis=0)

    shown = frames_on_screen(image_format.encode(Footage(frames), 8, 90), 5, 8)

    assert shown.shape == frames.shape


@ALL
def test_the_same_frames_make_the_same_bytes(image_format: AnimationFormat) -> None:
    first, second = (image_format.encode(Footage(moving_scene()), 8, 60) for _ in range(2))

    assert first == second


@ALL
def test_the_version_stands_for_the_bytes(image_format: AnimationFormat) -> None:
    content = image_format.encode(Footage(whole_numbers_scene()), 8, image_format.default_quality)
    if image_format is MP4:
        content = x264_options(content)
    found = sha256(content).hexdigest()[:16]
    assert found == BYTES_OF_VERSION[image_format.name, image_format.version]


def test_the_version_stands_for_the_bytes_of_a_still() -> None:
    found = sha256(encode_still(whole_numbers_scene()[0])).hexdigest()[:16]
    assert found == BYTES_OF_VERSION[STILL, VERSION]


def test_encoders_are_there_without_networks() -> None:
    """Their compiler runs first, or it would take its memory beside that of the networks."""
    program = "import sys, thumbnailer.encode.formats; print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


def x264_options(content: bytes) -> bytes:
    begin = content.index(b"options: ", content.index(b"x264 - core"))
    return content[begin + 9 : content.index(b"\x00", begin)]


@pytest.mark.parametrize("image_format", [GIF, WEBP, AVIF], ids=["gif", "webp", "avif"])
def test_images_loop_and_last_as_long_as_told(image_format: AnimationFormat) -> None:
    content = image_format.encode(Footage(moving_scene(6)), 10, 95)

    with Image.open(BytesIO(content)) as image:
        assert isinstance(image, GifImageFile | WebPImageFile | AvifImageFile)
        assert image.get_format_mimetype() == image_format.media_type
        assert image.info.get("loop", 0) == 0
        durations_ms = []
        for number in range(image.n_frames):
            image.seek(number)
            image.load()
            durations_ms.append(image.info["duration"])
    assert durations_ms == [100] * 6


def test_mp4_is_silent_even_and_starts_fast() -> None:
    content = MP4.encode(Footage(moving_scene(6, 35, 63)), 8, 60)

    with av.open(BytesIO(content), "r") as container:
        [stream] = container.streams
        assert isinstance(stream, VideoStream)
        assert stream.codec_context.name == "h264"
        assert (stream.width, stream.height, stream.pix_fmt) == (64, 36, "yuv420p")
        assert stream.average_rate == Fraction(25, 2)
    assert content.index(b"moov") < content.index(b"mdat")


def test_mp4_keeps_colours() -> None:
    colours = np.array([[200, 30, 40], [30, 180, 60], [40, 50, 210], [128, 128, 128]], np.uint8)
    frames = np.stack([np.full((32, 32, 3), colour, np.uint8) for colour in colours])

    shown = frames_on_screen(MP4.encode(Footage(frames), 8, 80), 4, 8)

    assert np.abs(shown[:, 16, 16].astype(int) - colours).max() <= 6


@pytest.mark.parametrize("side", [4, 64], ids=["libavif", "FFmpeg"])
def test_an_avif_holds_no_date(side: int) -> None:
    """libavif writes the second of the clock, which would make other bytes of the same frames."""
    content = AVIF.encode(Footage(moving_scene(2)[:, :side, :side]), 8, 60)
    for kind in (b"mvhd", b"tkhd", b"mdhd"):
        start = content.index(kind) + 4
        length = 16 if content[start] == 1 else 8
        assert content[start + 4 : start + 4 + length] == bytes(length)


def test_an_avif_shows_its_colours() -> None:
    colours = np.array([[200, 30, 40], [30, 180, 60], [40, 50, 210], [5, 5, 5]], np.uint8)
    frames = np.stack([np.full((32, 32, 3), colour, np.uint8) for colour in colours])

    shown = frames_on_screen(AVIF.encode(Footage(frames), 8, 80), 4, 8)

    assert np.abs(shown[:, 16, 16].astype(int) - colours).max() <= 6


def test_an_avif_does_not_tint_black() -> None:
    frames = np.full((12, 64, 64, 3), 1, np.uint8)

    shown = frames_on_screen(AVIF.encode(Footage(frames), 8, 60), 12, 8)

    assert shown.max() <= 2
    assert (shown.max(axis=3) == shown.min(axis=3)).all()


COMPILED = """
import sys
import numpy as np
from numba.core.registry import CPUDispatcher
from thumbnailer.encode.formats import FORMATS, compile_encoders
from thumbnailer.encode.parts.footage import Footage

def compiled():
    modules = [module for name, module in sys.modules.items() if name.startswith("thumbnailer")]
    return {f"{loop.__module__}.{loop.__name__}{signature}" for module in modules
            for loop in vars(module).values() if isinstance(loop, CPUDispatcher)
            for signature in loop.signatures}

compile_encoders()
before = compiled()
rng = np.random.default_rng(1)
for frames in (rng.integers(0, 256, (3, 40, 48, 3), np.uint8), np.zeros((2, 24, 32, 3), np.uint8)):
    for each in FORMATS.values():
        each.encode(Footage(frames), 8, each.default_quality)
print(len(before), *compiled() - before)
"""


def test_after_one_round_nothing_is_left_to_compile() -> None:
    done = subprocess.run(
        [sys.executable, "-c", COMPILED], capture_output=True, text=True, check=True
    )
    count, *left = done.stdout.split()
    assert int(count) > 5
    assert left == []
