"""A made-up world in which a video has several good GIFs, and which ones depends on the video.

It has the structure of the paper's claim and nothing else, so that a network that can learn it is
known to be able to; docs/models/made_up_world.md says what is in it and why.

Shapes: n shots of a video, D features, m styles that are good for a video: those of its kind.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thumbnailer.training.data import FOLDS, LabelledVideo
from thumbnailer.video.shots import SHOTS_IN_A_GIF

STYLES = 8
MODES = (1, 2, 4)  # styles of a kind of video; 1 leaves nothing to choose between
SCENE_S = 4  # long enough for its middle to outlast the smoothing over time
MARGIN_S = 1  # of a scene's seconds, that no GIF starts with or ends with
GIFS_A_STYLE = 3
ENDING = 4  # scenes
# A feature for each style's look, for each style's cue, for each place in a GIF, for the sign of a
# cue; the last four say nothing.
CUE, PLACE, SIGN = STYLES, 2 * STYLES, 2 * STYLES + SHOTS_IN_A_GIF
FEATURES = SIGN + 1 + 4

GOOD, OTHER, OF_CUES, DULL = 1.0, 0.1, 0.1, 0.05  # comments of a second, beside the noise


@dataclass(frozen=True, slots=True)
class WorldConfig:
    """What can be turned in the world.

    Attributes:
        modes: m, one of MODES.
        videos: how many there are.
        noise: standard deviation of what sets a scene's features apart from its kind's.
        seed: of everything.
    """

    modes: int = 2
    videos: int = 300
    noise: float = 0.06
    seed: int = 0


@dataclass(frozen=True, slots=True)
class _Scene:
    """Some seconds that look alike: (D,) features, and comments of each of them."""

    features: NDArray[np.float64]
    comments: float


def made_up_world(config: WorldConfig) -> tuple[LabelledVideo, ...]:
    """Return the world's videos, spread over the folds.

    Raises:
        ValueError: where the styles do not make whole kinds of video, two at least.
    """
    if config.modes not in MODES:
        raise ValueError(f"modes == {config.modes}, must be one of {', '.join(map(str, MODES))}")
    rng = np.random.default_rng(config.seed)
    return tuple(_video(number, config, rng) for number in range(config.videos))


def _video(number: int, config: WorldConfig, rng: np.random.Generator) -> LabelledVideo:
    kinds = np.arange(STYLES).reshape(-1, config.modes)
    good, others = rng.choice(kinds, 2, replace=False)
    scenes = _scenes(good, others)
    order = np.concatenate([rng.permutation(len(scenes)), len(scenes) + np.arange(ENDING)])
    scenes += _ending(good, rng)
    starts_s = SCENE_S * np.argsort(order)
    looks = np.stack([scenes[scene].features for scene in order])
    looks += rng.normal(scale=config.noise, size=looks.shape)
    seconds = np.repeat(looks, SCENE_S, axis=0)
    seconds += rng.normal(scale=config.noise / 3, size=seconds.shape)
    comments = np.repeat([scenes[scene].comments for scene in order], SCENE_S)
    gifs = _gifs(starts_s[: SHOTS_IN_A_GIF * config.modes], rng)
    votes = np.zeros((len(gifs), len(seconds)))
    np.put_along_axis(votes, gifs, 1.0, axis=1)
    return LabelledVideo(
        name=f"made up {number}",
        fold=number % FOLDS,
        features=seconds.astype(np.float32),
        counts=comments * rng.uniform(0.8, 1.0, len(comments)),
        opinions=votes,
        gifs=gifs,
    )


def _scenes(good: NDArray[np.int64], others: NDArray[np.int64]) -> list[_Scene]:
    """Return the scenes of the good styles, three each in play order, and then all others."""
    return [
        *(_Scene(shot, GOOD) for style in good for shot in _shots(style)),
        *(_Scene(shot, OTHER) for style in others for shot in _shots(style)),
        *(_Scene(_between(styles), DULL) for styles in (good, others)),
    ]


def _ending(good: NDArray[np.int64], rng: np.random.Generator) -> list[_Scene]:
    """Return the cue and its opposite, in either order, each behind a plain scene.

    These keep the smoothing over time from showing the cue to any shot that may be good.
    """
    cue = np.zeros(FEATURES)
    cue[CUE + good] = cue[SIGN] = rng.choice([-1.0, 1.0])
    plain = _Scene(np.zeros(FEATURES), DULL)
    return [plain, _Scene(cue, OF_CUES), plain, _Scene(-cue, OF_CUES)]


def _shots(style: int) -> NDArray[np.float64]:
    """Return (3, D): what the three shots of a style's GIF look like."""
    shots = np.zeros((SHOTS_IN_A_GIF, FEATURES))
    shots[:, style] = 1.0
    shots[:, PLACE : PLACE + SHOTS_IN_A_GIF] = np.eye(SHOTS_IN_A_GIF) / 2
    return shots


def _between(styles: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (D,), what lies between the styles' GIFs: of one style, something plain."""
    if len(styles) == 1:
        return np.zeros(FEATURES)
    return np.asarray(np.mean([_shots(style) for style in styles], axis=(0, 1)))


def _gifs(starts_s: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Return (G, 3) GIFs: of each good style some, each with other seconds of its scenes."""
    of_styles = starts_s.reshape(-1, 1, SHOTS_IN_A_GIF)
    size = (len(of_styles), GIFS_A_STYLE, SHOTS_IN_A_GIF)
    within = rng.integers(MARGIN_S, SCENE_S - MARGIN_S, size)
    return (of_styles + within).reshape(-1, SHOTS_IN_A_GIF)
