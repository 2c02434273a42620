"""Small moving pictures, as (N, H, W, 3) RGB frames."""

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.uint8]


def moving_scene(count: int = 6, height: int = 36, width: int = 64, seed: int = 0) -> Frames:
    """A noisy gradient over which a bright square moves, with a cut halfway."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, :width]
    frames = []
    for number in range(count):
        cut = number >= count // 2
        base = np.stack((rows * 3, columns * 2, 255 - rows - columns), axis=-1)
        picture = (255 - base if cut else base) + rng.normal(0, 3, base.shape)
        left = 4 * number % max(1, width - 8)
        picture[4:12, left : left + 8] = (250, 240, 30)
        frames.append(np.clip(picture, 0, 255).astype(np.uint8))
    return np.stack(frames)


def whole_numbers_scene(count: int = 24, height: int = 54, width: int = 96) -> Frames:
    """A scene like the one above, made by whole numbers alone: the same on every machine."""
    rows, columns = np.mgrid[:height, :width].astype(np.int64)
    base = np.stack((rows * 4, columns * 2, 255 - rows - columns), axis=-1)
    frames = []
    for number in range(count):
        noise = rows * 7919 + columns * 104729 + number * 1299709
        noise = noise * noise // 97 % 9 - 4
        picture = (255 - base if number >= count // 2 else base) + noise[..., None]
        picture[10:26, 3 * number : 3 * number + 16] = (250, 240, 30)
        frames.append(np.clip(picture, 0, 255).astype(np.uint8))
    return np.stack(frames)


def few_colours(rng: np.random.Generator, shape: tuple[int, int, int], colours: int) -> Frames:
    """Random pixels out of so many random colours."""
    table = rng.integers(0, 256, (colours, 3), dtype=np.uint8)
    return table[rng.integers(0, colours, shape)]
