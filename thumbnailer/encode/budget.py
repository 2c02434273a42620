"""The best quality whose file keeps to a budget of bytes, found in few encodes."""

from collections.abc import Callable
from dataclasses import dataclass
from math import log

from thumbnailer.encode.parts.animation import AnimationFormat
from thumbnailer.encode.parts.footage import Footage

SEARCH_VERSION = 3  # to be raised when another quality would be found
WELL_FILLED = 0.93  # of the budget: nearer is worth no further encode, as are
HARDLY_BETTER = 4  # steps of quality, of which each is about 2 % of bytes
MOST_ENCODES = 7
LEAST_RISE = 0.05  # of the usual one

LogSize = Callable[[int], float]


@dataclass(frozen=True, slots=True)
class _Attempt:
    quality: int
    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)


def encode_within(
    image_format: AnimationFormat,
    footage: Footage,
    *,
    delay_cs: int,
    quality: int,
    budget_bytes: int,
) -> bytes:
    """Encode at this quality, or at the best below it that keeps to the budget.

    A budget that cannot be met is no error: the smallest file made is returned.

    Args:
        image_format: one of ``formats.FORMATS``.
        footage: what is to be shown.
        delay_cs: hundredths of a second that each frame stays, at least 1.
        quality: 0 to 100.
        budget_bytes: what the file may weigh.

    Raises:
        ValueError: the delay is not positive.
    """
    if delay_cs < 1:
        raise ValueError(f"delay_cs == {delay_cs}, must be at least 1")

    def attempt(quality: int) -> _Attempt:
        return _Attempt(quality, image_format.encode(footage, delay_cs, quality))

    attempts = _search(attempt, image_format.log_size, quality, budget_bytes)
    fitting = [each for each in attempts if each.size <= budget_bytes]
    if fitting:
        return max(fitting, key=lambda each: each.quality).content
    return min(attempts, key=lambda each: each.size).content


def _search(
    attempt: Callable[[int], _Attempt], log_size: LogSize, quality: int, budget: int
) -> list[_Attempt]:
    attempts = [attempt(quality)]
    while len(attempts) < MOST_ENCODES:
        ordered = sorted(attempts, key=lambda each: each.quality)
        fitting = [each for each in ordered if each.size <= budget]
        failing = [each for each in ordered if each.size > budget]
        if not failing or (not fitting and failing[0].quality == 0):
            break
        if fitting and _is_best(fitting[-1], failing[0], budget):
            break
        attempts.append(attempt(_guess(fitting, failing, log_size, budget)))
    return attempts


def _is_best(fits: _Attempt, too_big: _Attempt, budget: int) -> bool:
    return fits.size >= WELL_FILLED * budget or too_big.quality - fits.quality <= HARDLY_BETTER


def _guess(fitting: list[_Attempt], failing: list[_Attempt], log_size: LogSize, budget: int) -> int:
    """Return the quality that should just fit, as if log(bytes) rose in proportion to the usual.

    Args:
        fitting: attempts by quality; may be empty.
        failing: attempts by quality, at least one.
        log_size: of the format, at a quality.
        budget: bytes.
    """
    too_big, beside = failing[0], fitting[-1] if fitting else failing[-1]
    rise = 1.0
    if beside is not too_big:
        usual = log_size(too_big.quality) - log_size(beside.quality)
        rise = max(log(too_big.size / beside.size) / usual, LEAST_RISE)
    excess = log(too_big.size / (WELL_FILLED**0.5 * budget)) / rise
    lowest = fitting[-1].quality + 1 if fitting else 0
    wanted = log_size(too_big.quality) - excess
    between = range(too_big.quality - 1, lowest, -1)
    return next((each for each in between if log_size(each) <= wanted), lowest)
