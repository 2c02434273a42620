"""A selector's choice of a video's shots, and an answer for videos too short to choose from."""

import json
from dataclasses import asdict
from hashlib import sha256

import numpy as np

from thumbnailer.features.analysis import VERSION as ANALYSIS_VERSION
from thumbnailer.features.analysis import Analysis
from thumbnailer.features.base import FeatureManifest
from thumbnailer.registry import load_selector
from thumbnailer.results import Candidate, Selection
from thumbnailer.selection.parts.base import Media, ShotTable
from thumbnailer.selection.parts.least_motion import calmest_s
from thumbnailer.settings import DEFAULT_TRIM, Trim
from thumbnailer.video.measures import FrameMeasures
from thumbnailer.video.shots import (
    RULES_VERSION,
    SHOT_LENGTH_S,
    SHOTS_IN_A_GIF,
    eligible_shots,
)


def choose(video: Analysis, name: str, *, seed: int = 0, trim: Trim = DEFAULT_TRIM) -> Selection:
    """Return what a selector chooses of a video, whose features are such that it can read them.

    A video under three seconds has no three disjoint one-second shots. It is shown whole, in
    thirds, or as a still by the frame that moves least.

    Raises:
        UnknownSelectorError: where there is no selector of this name.
        CheckpointMissingError: where weights are not installed.
        CheckpointMismatchError: where weights are damaged.
    """
    selector = load_selector(name)
    is_still = selector.media is Media.STILL
    if len(video.features) < SHOTS_IN_A_GIF:
        candidates, length_s, note = _too_short_to_choose(video.frames, is_still=is_still)
    else:
        eligible = eligible_shots(video.frames, trim)
        shots = ShotTable(video.features, eligible, video.frames)
        candidates, length_s, note = selector.rank(shots, seed=seed), SHOT_LENGTH_S, ""
    return Selection(
        selector=name,
        model_version=selector.version,
        candidates=candidates,
        shot_length_s=0.0 if is_still else length_s,
        note="; ".join(filter(None, (selector.note, note, _damage(video)))),
    )


def rules_digest(features: FeatureManifest, trim: Trim) -> str:
    """Return what changes whenever a choice may, beside the selector's version."""
    parts = [features.digest, asdict(trim), ANALYSIS_VERSION, RULES_VERSION]
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:20]


def _too_short_to_choose(
    frames: FrameMeasures, *, is_still: bool
) -> tuple[tuple[Candidate, ...], float, str]:
    """Return the one candidate, the length of its shots, and what to say about it."""
    third_s = frames.duration_s / SHOTS_IN_A_GIF
    if is_still:
        still_s = calmest_s(frames, np.arange(len(frames.luma)))
        return (Candidate((still_s,), 0.0),), 0.0, "the video is shorter than 3 s"
    starts_s = tuple(third_s * part for part in range(SHOTS_IN_A_GIF))
    note = "the video is shorter than 3 s and is shown whole"
    return (Candidate(starts_s, 0.0),), third_s, note


def _damage(video: Analysis) -> str:
    skipped = video.skipped_packets
    return f"the file is damaged: {skipped} packets could not be decoded" if skipped else ""
