"""Three shots of each real clip, as thumbnails have them.

Twelve frames each, 80 ms apart, that begin at 1/6, 3/6 and 5/6 of its length.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tests.benchmarks.rival_encoders import Frames
from thumbnailer.errors import ThumbnailerError
from thumbnailer.video.cut import cut_frames
from thumbnailer.video.probe import probe

FRAMES_PER_SHOT, DELAY_CS = 12, 8


def cut_clips(folder: Path) -> Iterator[tuple[str, Frames]]:
    """Yield the name and the frames of each film in the folder that can be used."""
    for path in sorted(folder.iterdir()):
        try:
            yield path.stem, cut_clip(path)
        except ThumbnailerError as error:
            print(f"left out: {error}")


def cut_clip(path: Path) -> Frames:
    """Return the (36, H, W, 3) frames of a film."""
    length_s = probe(path).duration_s
    times_s = [DELAY_CS / 100 * number for number in range(FRAMES_PER_SHOT)]
    starts_s = [int(length_s * sixth / 6) for sixth in (1, 3, 5)]
    shots = cut_frames(path, [[start_s + each for each in times_s] for start_s in starts_s])
    return np.concatenate([np.stack(shot) for shot in shots])
