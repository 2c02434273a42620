"""Weights come back from choosers whose truth is known, and thin evidence is refused."""

import numpy as np
import pytest

from experiments.analysis.stats.records import FloatArray
from experiments.errors import LearningError
from experiments.learning.conditional_logit import ChoiceSet, fit, learn

TRUTH = np.asarray([3.0, 1.0, 0.0, -1.0, 0.5, 2.0, 1.0])


def pairs(choices: int, truth: FloatArray = TRUTH, *, seed: int = 0) -> list[ChoiceSet]:
    """What choosers say who follow the truth, of two at a time, five times a video."""
    rng = np.random.default_rng(seed)
    sets = []
    for number in range(choices):
        cues = rng.random((2, len(truth)))
        odds = np.exp(cues @ truth)
        first = rng.random() < odds[0] / odds.sum()
        counts = np.asarray([first, not first], float)
        sets.append(ChoiceSet(number // 5, cues, np.zeros(2), counts))
    return sets


def test_the_weights_of_many_choosers_are_found() -> None:
    found = learn(pairs(6000))
    assert found.weights == pytest.approx(TRUTH, abs=0.25)
    assert found.gain > 10 * found.gain_error
    assert found.choices == 6000


def test_without_a_penalty_it_is_the_logistic_regression_of_differences() -> None:
    statsmodels = pytest.importorskip("statsmodels.api")
    sets = pairs(400)
    differences = np.stack([each.cues[0] - each.cues[1] for each in sets])
    first = np.asarray([each.counts[0] for each in sets])
    wanted = statsmodels.Logit(first, differences).fit(disp=False).params
    assert fit(sets, penalty=1e-9) == pytest.approx(wanted, abs=1e-5)


def clicks(videos: int, *, seed: int = 0) -> list[ChoiceSet]:
    """Clicks on three arms of unlike shares, of videos of unlike click rates."""
    rng = np.random.default_rng(seed)
    sets = []
    for video in range(videos):
        cues, views = rng.random((3, len(TRUTH))), np.asarray([4000, 1000, 500])
        rates = rng.uniform(0.01, 0.05) * np.exp(0.2 * (cues @ TRUTH - TRUTH.sum() / 2))
        counts = rng.binomial(views, rates).astype(float)
        sets.append(ChoiceSet(video, cues, np.log(views), counts))
    return sets


def test_clicks_of_arms_that_were_seen_unlike_often_give_the_same_weights() -> None:
    found = learn(clicks(400))
    assert found.weights == pytest.approx(0.2 * TRUTH, abs=0.08)
    biased = fit([ChoiceSet(s.video, s.cues, np.zeros(3), s.counts) for s in clicks(400)])
    assert np.abs(found.weights - 0.2 * TRUTH).max() < np.abs(biased - 0.2 * TRUTH).max()


def test_what_was_learned_chooses_better_than_the_rule_did() -> None:
    """On videos of the made-up site that were not learned from, of ten GIFs each."""
    rng, untrained = np.random.default_rng(1), np.asarray([6.0, 1, 1, 1, 1, 1, 1])
    weights = learn(clicks(200)).weights
    gifs = rng.random((500, 10, len(TRUTH)))

    def rate(by: FloatArray) -> float:
        chosen = (gifs @ by).argmax(axis=1)
        return float(np.exp(0.2 * (gifs[np.arange(500), chosen] @ TRUTH)).mean())

    assert rate(weights) > 1.03 * rate(untrained)
    assert rate(weights) > 0.97 * rate(TRUTH)


def test_too_few_choices_are_refused() -> None:
    with pytest.raises(LearningError, match="50 choices on 10 videos, must be 70 on 5 at least"):
        learn(pairs(50))
    with pytest.raises(LearningError, match="0 choices on 0 videos"):
        learn([])


@pytest.mark.parametrize("seed", range(5))
def test_choices_that_follow_nothing_are_refused(seed: int) -> None:
    with pytest.raises(LearningError, match="no better than by chance"):
        learn(pairs(300, 0 * TRUTH, seed=seed))
