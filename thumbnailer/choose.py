"""A selector's choice of a video's shots, and an answer for videos too short to choose from."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from thumbnailer.features.analysis import VERSION as ANALYSIS_VERSION
from thumbnailer.features.analysis import Analysis
from thumbnailer.features.base import FeatureManifest
from thumbnailer.registry import load_selector
from thumbnailer.results import Candidate, Selection
from thumbnailer.selection.appeal import Appeal
from thumbnailer.selection.parts.base import Media, Selector, ShotTable
from thumbnailer.selection.parts.distinctness import distinct_first, looks_alike, measured
from thumbnailer.selection.parts.least_motion import least_motion_s
from thumbnailer.selection.parts.spacing import widest_gap
from thumbnailer.settings import (
    DEFAULT_RULES,
    EQUAL_CUES,
    ChoiceRules,
    CueWeights,
    SelectionSettings,
)
from thumbnailer.video.fitness import LENIENCE, badness, names_of_faults
from thumbnailer.video.measures import DOUBTFUL, FrameMeasures
from thumbnailer.video.shots import (
    RULES_VERSION,
    SHOT_LENGTH_S,
    SHOTS_IN_A_GIF,
    eligible_shots,
)
from thumbnailer.video.ticks import TICKS_PER_S

GAPS_IN_A_FILM = 4  # at least: a short film keeps a choice where its shots may be nearer


def choose(
    video: Analysis,
    name: str,
    *,
    seed: int = 0,
    rules: ChoiceRules = DEFAULT_RULES,
) -> Selection:
    """Return what a selector chooses of a video, whose features are such that it can read them.

    A video under three seconds has no three disjoint one-second shots. It is shown whole, in
    thirds, or as a still by the frame that moves least.

    Raises:
        UnknownSelectorError: where there is no selector of this name.
        CheckpointMissingError: where weights are not installed.
        CheckpointMismatchError: where weights are damaged.
    """
    return choose_by(load_selector(name), video, name, seed=seed, rules=rules)


def choose_by(
    selector: Selector,
    video: Analysis,
    name: str,
    *,
    seed: int = 0,
    rules: ChoiceRules = DEFAULT_RULES,
) -> Selection:
    """Return what this selector chooses, under this name; otherwise as ``choose``."""
    is_still = selector.media is Media.STILL
    if len(video.features) < SHOTS_IN_A_GIF:
        candidates, length_s, note = _too_short_to_choose(video.frames, is_still=is_still)
    else:
        eligible = eligible_shots(video.frames, rules.trim)
        wanted_s = min(rules.gap_s, max(1, len(video.features) // GAPS_IN_A_FILM))
        gap_s = widest_gap(eligible, wanted_s)
        shots = _table(video, eligible, gap_s, rules.cue_weights)
        candidates, length_s = selector.rank(shots, seed=seed), 0.0 if is_still else SHOT_LENGTH_S
        if is_still:
            candidates = _least_bad_first(video.frames, candidates)
        candidates, moved = measured(candidates, video.features), ""
        if rules.distinct:
            candidates, moved = distinct_first(candidates)
        apart = "" if is_still else _apart(gap_s, rules.gap_s)
        alike = "its shots look alike" if looks_alike(candidates[0]) else ""
        poor = _poverty(video.frames, candidates[0], length_s)
        note = "; ".join(filter(None, (apart, moved, alike, poor)))
    return Selection(
        selector=name,
        model_version=selector.version,
        candidates=candidates,
        shot_length_s=0.0 if is_still else length_s,
        note="; ".join(filter(None, (selector.note, note, _damage(video)))),
        part=video.part,
    )


def cues_of_gifs(video: Analysis, gifs: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """Return (G, 7) each GIF's mean cues, as our own selector sees its shots in this video."""
    own = load_selector("appeal")
    assert isinstance(own, Appeal)  # noqa: S101  as it is registered
    last = len(video.features) - 1
    asked = np.minimum(np.asarray(gifs, np.float64).round().astype(np.int64), last)
    seconds = np.union1d(eligible_shots(video.frames), asked)
    shots = _table(video, seconds)
    cues = own.cues(shots)[np.searchsorted(seconds, asked)]  # (G, 3, 7)
    return np.asarray(cues.mean(axis=1))


def _least_bad_first(frames: FrameMeasures, stills: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Return a selector's stills in its order, but those last that are far worse than the best."""
    ticks = np.asarray([round(each.starts_s[0] * TICKS_PER_S) for each in stills])
    unfit = badness(frames)[ticks]
    order = np.argsort(unfit > unfit.min() + LENIENCE, kind="stable")
    return tuple(stills[place] for place in order)


def _table(
    video: Analysis, eligible: NDArray[np.int64], gap_s: int = 1, weights: CueWeights = EQUAL_CUES
) -> ShotTable:
    seen = video.faces, video.lettering
    return ShotTable(video.features, eligible, video.frames, gap_s, weights, *seen)


def rules_digest(features: FeatureManifest, settings: SelectionSettings) -> str:
    """Return what changes whenever a choice may, beside the selector's version."""
    rules = [asdict(settings.rules), settings.film.background]
    parts = [features.digest, ANALYSIS_VERSION, RULES_VERSION, *rules]
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:20]


def _too_short_to_choose(
    frames: FrameMeasures, *, is_still: bool
) -> tuple[tuple[Candidate, ...], float, str]:
    """Return the one candidate, the length of its shots, and what to say about it."""
    third_s = frames.duration_s / SHOTS_IN_A_GIF
    if is_still:
        still_s = least_motion_s(frames, np.arange(len(frames.luma)))
        return (Candidate((still_s,), 0.0),), 0.0, "the video is shorter than 3 s"
    starts_s = tuple(third_s * part for part in range(SHOTS_IN_A_GIF))
    note = "the video is shorter than 3 s and is shown whole"
    return (Candidate(starts_s, 0.0),), third_s, note


def _apart(gap_s: int, wanted_s: int) -> str:
    """Say how far the shots lie apart by the site's rule; nothing where it is the paper's."""
    if wanted_s == 1:
        return ""
    few = f" instead of {wanted_s} s, as there is little to choose from" if gap_s < wanted_s else ""
    return f"shots at least {gap_s} s apart{few}"


def _poverty(frames: FrameMeasures, chosen: Candidate, length_s: float) -> str:
    """Say what is wrong with the pictures chosen, where the video has no better ones."""
    names: dict[str, None] = {}
    for start_s in chosen.starts_s:
        first = round(start_s * TICKS_PER_S)
        ticks = slice(first, first + max(1, round(length_s * TICKS_PER_S)))
        names.update(dict.fromkeys(names_of_faults(frames, ticks)))
    return f"the video has nothing better: a picture is {', '.join(names)}" if names else ""


def _damage(video: Analysis) -> str:
    """Say how much of the video was lost, where some was; a joint of recordings is no damage."""
    if not video.is_damaged:
        return ""
    left_out = video.frames.errors >= DOUBTFUL
    lost = [
        f"{video.skipped_packets} packets could not be decoded" if video.skipped_packets else "",
        f"{left_out.sum() / TICKS_PER_S:.1f} s are left out" if left_out.any() else "",
    ]
    told = ", ".join(filter(None, lost))
    return f"the file is damaged: {told}" if told else ""
