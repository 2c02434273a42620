"""Finds the best quality whose file keeps to a budget of bytes, in few encodes."""

from dataclasses import dataclass
from math import log

from thumbnailer.encode.animation import Animation, AnimationFormat, Frames
from thumbnailer.encode.ssim import ssim

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
    delay_cs: int = 8,
    budget_bytes: int | None = None,
) -> Animation:
    """Encode at the format's default quality, or at the best below it that keeps to the budget.

    A budget that cannot be met is no error: the smallest file made is returned, and says so.

    Args:
        image_format: one of ``formats.FORMATS``.
        frames: (N, H, W, 3) RGB.
        delay_cs: hundredths of a second that each frame stays, at least 1.
        budget_bytes: the format's own where None.

    Raises:
        ValueError: the delay is not positive.
    """
    if delay_cs < 1:
        raise ValueError(f"delay_cs == {delay_cs}, must be at least 1")
    budget = image_format.budget_bytes if budget_bytes is None else budget_bytes
    attempts = _search(image_format, frames, delay_cs, budget)
    fitting = [attempt for attempt in attempts if attempt.size <= budget]
    best = (
        max(fitting, key=lambda attempt: attempt.quality)
        if fitting
        else min(attempts, key=lambda attempt: attempt.size)
    )
    count, height, width, _ = frames.shape
    shown = image_format.decode(best.content, count, delay_cs)
    return Animation(
        content=best.content,
        media_type=image_format.media_type,
        file_extension=image_format.file_extension,
        width=shown.shape[2],
        height=shown.shape[1],
        quality=best.quality,
        ssim=ssim(frames, shown[:, :height, :width]),
        budget_bytes=budget,
        within_budget=bool(fitting),
        encodes=len(attempts),
    )


def _search(
    image_format: AnimationFormat, frames: Frames, delay_cs: int, budget: int
) -> list[_Attempt]:
    def attempt(quality: int) -> _Attempt:
        return _Attempt(quality, image_format.encode(frames, delay_cs, quality))

    attempts = [too_big := attempt(image_format.default_quality)]
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
