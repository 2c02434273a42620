"""The animated format: what every one of them offers."""

from collections.abc import Callable
from dataclasses import dataclass

from thumbnailer.encode.parts.footage import Footage


def even_rise(quality: int) -> float:
    """Return the logarithm of bytes that grow by 2 % with each step of quality, from 0 on."""
    return 0.02 * quality


@dataclass(frozen=True, slots=True)
class AnimationFormat:
    """One file format and its encoder.

    Attributes:
        name: such as "gif".
        media_type: such as "image/gif".
        file_extension: such as ".gif".
        version: to be raised when the same frames and quality would give other bytes.
        default_quality: of 0 (smallest) to 100; what is asked for where the budget allows it.
        budget_bytes: what a thumbnail of 3 x 12 frames of 320 x 180 may weigh on a page.
        encode: footage, delay in hundredths of a second and quality to the file's bytes. A file of
            odd sides may be a pixel wider and higher than its frames.
        log_size: the logarithm of a file's bytes at a quality, but for what depends on the frames:
            as it is for real clips, so that a search for a budget's quality begins well.
    """

    name: str
    media_type: str
    file_extension: str
    version: int
    default_quality: int
    budget_bytes: int
    encode: Callable[[Footage, int, int], bytes]
    log_size: Callable[[int], float] = even_rise
