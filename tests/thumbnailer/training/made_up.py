"""A small data set in TVSum's form, in which one feature tells what people like."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from thumbnailer.training.models import RECIPES

CATEGORIES = ("AA", "BB")
FEATURE_DIM = 64
SMALL: dict[str, int] = {"shot_dim": 8, "video_dim": 24, "gif_dim": 12}


def shrink_models(monkeypatch: pytest.MonkeyPatch, feature_dim: int = FEATURE_DIM) -> None:
    for name, recipe in list(RECIPES.items()):
        small = replace(recipe.config, **SMALL, feature_dim=feature_dim)
        monkeypatch.setitem(RECIPES, name, replace(recipe, config=small))


def write_tvsum(
    folder: Path,
    *,
    videos: int = 10,
    seconds: int = 60,
    raters: int = 4,
    feature_dim: int = FEATURE_DIM,
) -> Path:
    rng = np.random.default_rng(0)
    annotations: dict[str, np.ndarray] = {}
    features: dict[str, np.ndarray] = {}
    for number in range(videos):
        name = f"video{number}"
        fps = 10
        interest = rng.random(-(-seconds // 6)).repeat(6)[:seconds]
        ratings = 1 + 4 * interest + rng.normal(scale=0.3, size=(raters, seconds))
        frames = rng.normal(size=(3 * seconds, feature_dim)) * 0.3
        frames[:, 5] += 3 * interest.repeat(3)
        features[name] = frames.astype(np.float16)
        annotations[f"{name}/user_anno"] = ratings.round().clip(1, 5).astype(np.int8).repeat(fps, 1)
        annotations[f"{name}/category"] = np.asarray(CATEGORIES[number % 2])
        annotations[f"{name}/length_s"] = np.asarray(float(seconds))
    np.savez(folder / "annotations.npz", allow_pickle=False, **annotations)
    np.savez(folder / "features.npz", allow_pickle=False, **features)
    return folder
