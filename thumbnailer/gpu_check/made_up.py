"""Videos made up for the check: features with a scene every six seconds, and films that move."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream

from thumbnailer.encode.parts.scheduling import scheduling_kept
from thumbnailer.training.data import FOLDS, LabelledVideo, Split, split_by_fold

SCENE_S = 6
FPS = 24
NUMBER_OF_INTEREST = 5


def made_up_split(videos: int, seconds: int, feature_dim: int, seed: int = 0) -> Split:
    """Return videos, one number of whose features tells what people like."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(videos):
        interest = rng.random(-(-seconds // SCENE_S)).repeat(SCENE_S)[:seconds]
        features = rng.normal(scale=0.3, size=(seconds, feature_dim)).astype(np.float32)
        features[:, NUMBER_OF_INTEREST] += 3 * interest
        opinions = interest + rng.normal(scale=0.1, size=(4, seconds))
        made.append(LabelledVideo(f"v{number}", number % FOLDS, features, interest, opinions))
    return split_by_fold(tuple(made), 0)


def write_film(path: Path, seconds: int, width: int, height: int, seed: int) -> None:
    """Write an H.264 film of coarse noise that drifts, a new picture every scene."""
    rng = np.random.default_rng(seed)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast"})
        assert isinstance(stream, VideoStream)  # noqa: S101  as the codec is one of films
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        with scheduling_kept():
            container.start_encoding()
        for number in range(seconds * FPS):
            if number % (SCENE_S * FPS) == 0:
                coarse = rng.integers(20, 235, (height // 16, width // 16, 3), dtype=np.uint8)
                picture = coarse.repeat(16, axis=0).repeat(16, axis=1)
            shown = np.ascontiguousarray(np.roll(picture, number, axis=1))
            frame = av.VideoFrame.from_ndarray(shown, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
