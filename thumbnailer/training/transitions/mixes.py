"""Transitions as editors make them, each a picture of two and of how far it is.

Each takes (36, 64) pictures, the old and the new, and the share of the transition that is over, 0
to 1. They are our own; FFmpeg's ``xfade``, by which the network is tested, knows many more.
"""

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from thumbnailer.video.sampling import GRAY_HEIGHT, GRAY_WIDTH

Picture = NDArray[np.float32]  # (36, 64), 0 to 255
Order = NDArray[np.float64]  # (36, 64): 0 is new first, 1 last
Mix = Callable[[Picture, Picture, float], Picture]

SLATS = 5
BLOCKS = (9, 16)
SOFT = 0.3  # of the order: how wide a soft edge is
SEED = 1


def masked(order: Order, soft: float, old: Picture, new: Picture, share: float) -> Picture:
    """Return the new picture where its turn has come and the old one elsewhere."""
    edge = max(soft, 1 / GRAY_WIDTH)
    turned = np.clip((share * (1 + edge) - order) / edge, 0, 1)
    return np.asarray(old + (new - old) * turned)


def dissolved(old: Picture, new: Picture, share: float) -> Picture:
    """Return the mean of both, weighted."""
    return np.asarray(old + (new - old) * share)


def faded(colour: float, old: Picture, new: Picture, share: float) -> Picture:
    """Return the old picture on its way to a plain colour, or the new one on its way from it."""
    scene, left = (old, 1 - 2 * share) if share < 0.5 else (new, 2 * share - 1)
    return np.asarray(colour + (scene - colour) * left)


def pushed(axis: int, old: Picture, new: Picture, share: float) -> Picture:
    """Return the old picture as it leaves on one side, and the new one behind it."""
    edge = round(old.shape[axis] * share)
    return np.roll(np.concatenate([old, new], axis), -edge, axis).take(range(old.shape[axis]), axis)


def covered(axis: int, old: Picture, new: Picture, share: float) -> Picture:
    """Return the old picture, over which the new one comes in from one side."""
    edge = round(old.shape[axis] * share)
    kept = old.take(range(edge, old.shape[axis]), axis)
    return np.concatenate(
        [new.take(range(new.shape[axis] - edge, new.shape[axis]), axis), kept], axis
    )


def squeezed(axis: int, old: Picture, new: Picture, share: float) -> Picture:
    """Return the new picture with the old one before it, ever flatter."""
    size = old.shape[axis]
    places = (np.arange(size) - size / 2) / max(1 - share, 1 / size) + size / 2
    seen = (places >= 0) & (places < size)
    flat = old.take(np.clip(places, 0, size - 1).astype(int), axis)
    return np.where(np.expand_dims(seen, 1 - axis), flat, new)


def _blocks() -> Order:
    """Return the order in which 9 x 16 blocks are drawn by lot."""
    turns = np.random.default_rng(SEED).permutation(math.prod(BLOCKS)).reshape(BLOCKS)
    tall, wide = GRAY_HEIGHT // BLOCKS[0], GRAY_WIDTH // BLOCKS[1]
    return np.asarray(np.kron(turns, np.ones((tall, wide))) / math.prod(BLOCKS))


def _orders() -> dict[str, Order]:
    lines = np.linspace(-1, 1, GRAY_HEIGHT), np.linspace(-1, 1, GRAY_WIDTH)
    rows, columns = np.meshgrid(*lines, indexing="ij")
    from_middle = np.hypot(rows, columns) / 2**0.5
    return {
        "right": (columns + 1) / 2,
        "down": (rows + 1) / 2,
        "diagonal": (rows + columns + 2) / 4,
        "iris": from_middle,
        "closing iris": 1 - from_middle,
        "doors": np.abs(columns),
        "closing doors": 1 - np.abs(columns),
        "shutters": np.abs(rows),
        "clock": np.arctan2(columns, rows) / (2 * np.pi) + 0.5,
        "corner": (np.maximum(rows, columns) + 1) / 2,
        "slats": (columns + 1) / 2 * SLATS % 1,
        "blocks": _blocks(),
    }


ORDERS = _orders()
MIXES: dict[str, Mix] = {
    "dissolve": dissolved,
    "fade through black": partial(faded, 0.0),
    "fade through white": partial(faded, 255.0),
    **{f"push {axis}": partial(pushed, axis) for axis in (0, 1)},
    **{f"cover {axis}": partial(covered, axis) for axis in (0, 1)},
    **{f"squeeze {axis}": partial(squeezed, axis) for axis in (0, 1)},
    **{f"wipe, {name}": partial(masked, order, 0.0) for name, order in ORDERS.items()},
    **{f"soft wipe, {name}": partial(masked, ORDERS[name], SOFT)
       for name in ("right", "down", "diagonal", "iris", "doors", "clock")},
}  # fmt: skip
OFTEN = (
    "dissolve",
    "fade through black",
    "push 1",
    "wipe, right",
)  # as often as all others together
SLOW = ("dissolve", "fade through black", "fade through white")  # may take more than a second
