"""The best quality whose file keeps to a budget of bytes, found in few encodes."""

from collections.abc import Callable
from dataclasses import dataclass
from math import log

from thumbnailer.encode.parts.animation import AnimationFormat, Frames

WELL_FILLED = 0.93  # of the budget: nearer is worth no further encode
MOST_ENCODES = 7


@dataclass(frozen=True, slots=True)
class _Attempt:
    quality: int
    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)


def encode_within(
    image_format: AnimationFormat,
    frames: Frames,
    *,
    delay_cs: int,
    quality: int,
    budget_bytes: int,
) -> bytes:
    """Encode at this quality, or at the best below it that keeps to the budget.

    A budget that cannot be met is no error: the smallest file made is returned.

    Args:
        image_format: one of ``formats.FORMATS``.
        frames: (N, H, W, 3) RGB.
        delay_cs: hundredths of a second that each frame stays, at least 1.
        quality: 0 to 100.
        budget_bytes: what the file may weigh.

    Raises:
        ValueError: the delay is not positive.
    """
    if delay_cs < 1:
        raise ValueError(f"delay_cs == {delay_cs}, must be at least 1")

    def attempt(quality: int) -> _Attempt:
        return _Attempt(quality, image_format.encode(frames, delay_cs, quality))

    attempts = _search(attempt, quality, budget_bytes)
    fitting = [each for each in attempts if each.size <= budget_bytes]
    if fitting:
        return max(fitting, key=lambda each: each.quality).content
    return min(attempts, key=lambda each: each.size).content


def _search(attempt: Callable[[int], _Attempt], quality: int, budget: int) -> list[_Attempt]:
    attempts = [too_big := attempt(quality)]
    if too_big.size <= budget:
        return attempts
    attempts.append(fits := attempt(0))
    if fits.size > budget:
        return attempts
    while (
        too_big.quality - fits.quality > 1
        and fits.size < WELL_FILLED * budget
        and len(attempts) < MOST_ENCODES
    ):
        attempts.append(middle := attempt(_between(fits, too_big, budget)))
        fits, too_big = (middle, too_big) if middle.size <= budget else (fits, middle)
    return attempts


def _between(fits: _Attempt, too_big: _Attempt, budget: int) -> int:
    """Return the quality that should just fit, as if log(bytes) rose evenly with quality."""
    rise = log(too_big.size / fits.size)
    share = log(WELL_FILLED**0.5 * budget / fits.size) / rise
    guess = fits.quality + round(share * (too_big.quality - fits.quality))
    return min(max(guess, fits.quality + 1), too_big.quality - 1)
