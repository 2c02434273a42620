"""Training of the shot scorer on clicks: a correction of its scores by the features it reads.

Each GIF that was shown has the mean score of its shots, by the scorer as it is, and the mean of
their D features. These are far more than the clicks of a site can tell apart, so that the
correction is sought along the directions in which GIFs of one video differ most.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from experiments.analysis.stats.records import FloatArray
from experiments.learning.conditional_logit import ChoiceSet, Learned, learn

COMPONENTS = 64
PENALTIES = (3.0, 10.0, 30.0, 100.0)
KNOWN = 1  # cue: the score


@dataclass(frozen=True, slots=True, eq=False)
class LearnedScorer:
    """What clicks taught: a second's worth is trust x score + features @ correction.

    Attributes:
        trust: of the score as it was.
        correction: (D,).
        learned: of which evidence, and how sure it is.
    """

    trust: float
    correction: FloatArray
    learned: Learned


def learn_scorer(sets: Sequence[ChoiceSet]) -> LearnedScorer:
    """Learn the correction, where held-out clicks are foretold better by it than by scores alone.

    Args:
        sets: whose cues are a GIF's score and its D features.

    Raises:
        LearningError: where the evidence is too thin.
    """
    basis = _components(sets)
    fewer = [
        replace(each, cues=np.column_stack([each.cues[:, :KNOWN], each.cues[:, KNOWN:] @ basis]))
        for each in sets
    ]
    learned = learn(fewer, known=KNOWN, penalties=PENALTIES)
    correction = basis @ learned.weights[KNOWN:]
    return LearnedScorer(float(learned.weights[0]), correction, learned)


def _components(sets: Sequence[ChoiceSet]) -> FloatArray:
    """Return (D, C) principal components of what sets a video's GIFs apart, of unit mean square."""
    if not sets:
        return np.zeros((0, 0))
    features = (each.cues[:, KNOWN:] for each in sets)
    rows = np.concatenate([rows - rows.mean(axis=0) for rows in features])
    _, axes = np.linalg.eigh(rows.T @ rows)
    basis = axes[:, ::-1][:, :COMPONENTS]
    length = np.sqrt(np.square(rows @ basis).sum(axis=1).mean())
    return np.asarray(basis / max(float(length), 1e-12))
