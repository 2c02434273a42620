"""Bounds on what is opened: beyond them no one watches, and a worker would be lost."""

from mmap import mmap
from pathlib import Path

from thumbnailer.errors import VideoTooLargeError, VideoTooLongError

MAX_PIXELS = 8192 * 4320
MAX_STREAMS = 100
BYTES_IN_A_PIXEL = 4
SPARE_BYTES = 16 * 1024 * 1024


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


def check_duration(path: Path, duration_s: float, longest_s: float) -> None:
    """Refuse what would keep a worker busy for longer than is meant.

    Raises:
        VideoTooLongError: above the longest.
    """
    if duration_s > longest_s:
        raise VideoTooLongError(
            f"{path} lasts more than {longest_s:.0f} s: cut it, export it again if its time stamps "
            "jump, or raise COVERLIFT_LONGEST_FILM_H"
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
