"""A window of a given shape in pictures of another: around faces, or else what stands out.

What stands out is where the features' network answers most: it learnt to name what pictures are of,
and answers little to sky, grass and walls.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from thumbnailer.features.efficientnet_lite import default_extractor
from thumbnailer.features.faces import find_faces

LOOKED_AT = 3  # frames of a shot: its first, its middle, its last
SIDE, CELL = 224, 32  # pixels, of the network's smaller side, and of each of its answers
FACES_SHARE = 4.0  # weight of faces, where there are some, beside all that stands out
FACE_REACH = 0.75  # of a face's size: hair, chin and shoulders
CENTRE = 0.1  # weight of the middle, for pictures in which nothing stands out

Profile = NDArray[np.float64]  # of a line: how much each pixel of it is worth


def best_window(shot: NDArray[np.uint8], width: int, height: int) -> tuple[slice, slice]:
    """Return the rows and columns of the window that shows most of a shot, (N, H, W, 3) RGB."""
    looked_at = shot[np.linspace(0, len(shot) - 1, LOOKED_AT).round().astype(int)]
    worth = _standing_out(looked_at)
    faces = np.concatenate([find_faces(frame) for frame in looked_at])
    _, full_height, full_width, _ = shot.shape
    rows = _line(worth.sum(axis=1), faces[:, [1, 3, 4]], full_height)
    columns = _line(worth.sum(axis=0), faces[:, [0, 2, 4]], full_width)
    return _best_run(rows, height), _best_run(columns, width)


def _standing_out(pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return (h, w) how much the network answers to each part, at least 0, in all pictures."""
    _, height, width, _ = pictures.shape
    ratio = SIDE / min(height, width)
    size = [max(SIDE, round(side * ratio / CELL) * CELL) for side in (width, height)]
    small = [np.asarray(Image.fromarray(each).resize(size)) for each in pictures]
    answers = default_extractor().answers(np.stack(small)).mean(axis=0)
    return np.asarray(answers - answers.min(), np.float64)


def _line(worth: Profile, faces: NDArray[np.float64], length: int) -> Profile:
    """Return (length,) what each pixel is worth; faces are (F, 3) start, end, certainty."""
    places = np.arange(length) + 0.5
    line = np.interp(places, (np.arange(len(worth)) + 0.5) * length / len(worth), worth)
    line = line / max(line.sum(), 1e-9)
    if len(faces):
        middle, reach = faces[:, :2].mean(axis=1), FACE_REACH * (faces[:, 1] - faces[:, 0])
        near = np.exp(-0.5 * ((places[:, None] - middle) / reach) ** 2)
        seen = near @ (faces[:, 2] * reach)  # large faces count for more
        line = line + FACES_SHARE * seen / seen.sum()
    return np.asarray(line)


def _best_run(line: Profile, length: int) -> slice:
    """Return the run of so many pixels that is worth most, a little rather in the middle."""
    sums = np.cumsum(np.append(0.0, line))
    worth = sums[length:] - sums[:-length]
    off = np.abs(np.linspace(-1, 1, len(worth))) if len(worth) > 1 else np.zeros(1)
    start = int(np.argmax(worth - CENTRE * off**2))
    return slice(start, start + length)
