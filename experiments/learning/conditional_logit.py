"""Conditional logit (McFadden 1973): how much each cue moves a choice among what was shown.

Of a set of alternatives with cues x_k and offsets o_k one is chosen with a probability in
proportion to exp(o_k + w·x_k). Two alternatives without offsets are the Bradley-Terry model
with features: P(a before b) = 1 / (1 + exp(-w·(x_a - x_b))). For arms that were shown at random
the offsets are the logarithms of their views, and clicks are the choices: given how many clicks a
video had in a phase, Poisson clicks part among its arms in just this way, whatever its click rate.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from experiments.analysis.stats.records import FloatArray
from experiments.errors import LearningError

PENALTY = 1.0  # on half the squared length of w: of a cue with rank 0 to 1 a mild one
STEPS = 50
CLOSE = 1e-9
FOLDS = 5
LEAST_CHOICES = 10  # for each weight
CERTAIN = 2.0  # standard errors, by which held-out choices must be foretold better than by chance


@dataclass(frozen=True, slots=True, eq=False)
class ChoiceSet:
    """Alternatives of one video, and how often each was chosen.

    Attributes:
        video: those of one video are never both learned from and tested on.
        cues: (K, C).
        offsets: (K,) what was in favour of each beside its cues; 0 where nothing was.
        counts: (K,) how often each was chosen.
    """

    video: int
    cues: FloatArray
    offsets: FloatArray
    counts: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What choices taught.

    Attributes:
        weights: (C,).
        choices: how many there were.
        gain: in log-likelihood of held-out choices on what was known before, nats a choice.
        gain_error: its standard error over videos.
    """

    weights: FloatArray
    choices: int
    gain: float
    gain_error: float


def learn(
    sets: Sequence[ChoiceSet], *, known: int = 0, penalties: Sequence[float] = (PENALTY,)
) -> Learned:
    """Learn the weights of all sets, where they foretell choices on videos not learned from.

    Args:
        sets: all with the same cues.
        known: the first so many cues are what was known before, and what is learned must foretell
            choices better than these alone; with 0 better than chance.
        penalties: of which that is taken which foretells held-out choices best.

    Raises:
        LearningError: where there are too few choices, or held-out ones are foretold no
            better than before.
    """
    width = sets[0].cues.shape[1] if sets else 0
    choices = int(sum(each.counts.sum() for each in sets))
    if choices < max(1, LEAST_CHOICES * width) or len({each.video for each in sets}) < FOLDS:
        raise LearningError(
            f"{choices} choices on {len({each.video for each in sets})} videos, must be "
            f"{LEAST_CHOICES * max(1, width)} on {FOLDS} at least: collect more"
        )
    than = "what was known before" if known else "chance"
    gains = {penalty: _held_out_gain(sets, known, penalty) for penalty in penalties}
    penalty = max(penalties, key=lambda each: gains[each][0])
    gain, gain_error = gains[penalty]
    if gain <= CERTAIN * gain_error:
        raise LearningError(
            f"{choices} choices are foretold no better than by {than} (held-out gain "
            f"{gain:.4f}, standard error {gain_error:.4f} nats a choice): collect more"
        )
    return Learned(fit(sets, penalty), choices, gain, gain_error)


def fit(sets: Sequence[ChoiceSet], penalty: float = PENALTY) -> FloatArray:
    """Return (C,) the weights of the highest penalised likelihood, by Newton's steps."""
    cues, offsets, counts = _padded(sets)
    weights = np.zeros(cues.shape[2])
    for _ in range(STEPS):
        shares = _shares(cues, offsets, weights)
        totals = counts.sum(axis=1, keepdims=True)
        centred = cues - (shares[:, :, None] * cues).sum(axis=1, keepdims=True)
        slope = ((counts - totals * shares)[:, :, None] * cues).sum(axis=(0, 1)) - penalty * weights
        weighted = (totals * shares)[:, :, None] * centred
        bend = np.einsum("skc,skd->cd", weighted, centred) + penalty * np.eye(len(weights))
        step = np.linalg.solve(bend, slope)
        weights = weights + step
        if np.abs(step).max() < CLOSE:
            break
    return weights


def _held_out_gain(sets: Sequence[ChoiceSet], known: int, penalty: float) -> tuple[float, float]:
    """Return the gain in log-likelihood a choice on videos not learned from, and its error."""
    videos = sorted({each.video for each in sets})
    fold_of = {video: place % FOLDS for place, video in enumerate(videos)}
    gains: dict[int, float] = dict.fromkeys(videos, 0.0)
    for fold in range(FOLDS):
        others = [each for each in sets if fold_of[each.video] != fold]
        weights, before = fit(others, penalty), np.zeros(sets[0].cues.shape[1])
        if known:
            before[:known] = fit([replace(s, cues=s.cues[:, :known]) for s in others], penalty)
        for each in (one for one in sets if fold_of[one.video] == fold):
            gains[each.video] += _log_likelihood(each, weights) - _log_likelihood(each, before)
    choices = sum(each.counts.sum() for each in sets)
    by_video = np.asarray(list(gains.values()))
    error = by_video.std(ddof=1) * np.sqrt(len(by_video))
    return float(by_video.sum() / choices), float(error / choices)


def _log_likelihood(one: ChoiceSet, weights: FloatArray) -> float:
    utilities = one.offsets + one.cues @ weights
    return float(one.counts @ (utilities - np.logaddexp.reduce(utilities)))


def _padded(sets: Sequence[ChoiceSet]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return (S, K, C) cues, (S, K) offsets and counts; what is not there has offset -inf."""
    most = max(len(each.offsets) for each in sets)
    cues = np.zeros((len(sets), most, sets[0].cues.shape[1]))
    offsets, counts = np.full((len(sets), most), -np.inf), np.zeros((len(sets), most))
    for row, each in enumerate(sets):
        count = len(each.offsets)
        cues[row, :count], offsets[row, :count] = each.cues, each.offsets
        counts[row, :count] = each.counts
    return cues, offsets, counts


def _shares(cues: FloatArray, offsets: FloatArray, weights: FloatArray) -> FloatArray:
    utilities = offsets + cues @ weights
    odds = np.exp(utilities - utilities.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))
