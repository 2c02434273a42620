"""A small data set in TVSum's form, in which one feature tells what people like."""

from pathlib import Path

import numpy as np

CATEGORIES = ("AA", "BB")
FEATURE_DIM = 1280


def write_tvsum(folder: Path, *, videos: int = 10, seconds: int = 60, raters: int = 4) -> Path:
    rng = np.random.default_rng(0)
    annotations: dict[str, np.ndarray] = {}
    features: dict[str, np.ndarray] = {}
    for number in range(videos):
        name = f"video{number}"
        fps = 10
        interest = rng.random(seconds // 2).repeat(2)
        ratings = 1 + 4 * interest + rng.normal(scale=0.3, size=(raters, seconds))
        frames = rng.normal(size=(3 * seconds, FEATURE_DIM)) * 0.3
        frames[:, 5] += 3 * interest.repeat(3)
        features[name] = frames.astype(np.float16)
        annotations[f"{name}/user_anno"] = ratings.round().clip(1, 5).astype(np.int8).repeat(fps, 1)
        annotations[f"{name}/category"] = np.asarray(CATEGORIES[number % 2])
        annotations[f"{name}/length_s"] = np.asarray(float(seconds))
    np.savez(folder / "annotations.npz", allow_pickle=False, **annotations)
    np.savez(folder / "features.npz", allow_pickle=False, **features)
    return folder
