"""A made-up site with known truth trains the shot scorer: `make bench ARGS="-k learned_scorer"`.

Its videos are minutes of TVSum's, read by the shipped scorer; what viewers like is made up. Four
GIFs of each are shown in two phases, of unlike shares and click rates. What was learned chooses
GIFs of videos that neither the site nor the shipped scorer has seen.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from experiments.errors import LearningError
from experiments.learning.conditional_logit import ChoiceSet
from experiments.learning.scorer_evidence import learn_scorer
from tests.thumbnailer.clips import SHARED, needs_tvsum
from thumbnailer.selection.parts.base import ShotTable
from thumbnailer.selection.parts.shot_features import shot_features
from thumbnailer.selection.parts.spacing import spaced_triples
from thumbnailer.selection.shot_scorer import ShotScorer
from thumbnailer.training.learned_scorer import corrected, gif_features, shipped_network
from thumbnailer.training.tvsum import load_tvsum
from thumbnailer.video.measures import FrameMeasures

pytestmark = [pytest.mark.benchmark, needs_tvsum, pytest.mark.usefixtures("one_thread")]

MINUTE_S, TRIMMED_S, HELD_OUT = 60, 2, 0  # the last is the fold that shipped weights have not seen
DIRECTIONS, LIKED = 20, (0.4, 0.9)  # what is liked: the score as it is, and something new
EFFECT = 0.25  # on the logarithm of the click rate, of a second's standard deviation
PHASES = ((0.03, (0.7, 0.1, 0.1, 0.1)), (0.06, (0.1, 0.3, 0.3, 0.3)))
GAP_S = 5
SEEDS = 5
Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Minute:
    """A video of the site: (60, 1280) features, and (60,) what its seconds do to the click rate."""

    features: NDArray[np.float32]
    worth: Floats

    def rate(self, shots: NDArray[np.int64]) -> Floats:
        """Return the click rates of (G, 3) GIFs, in units of the site's."""
        return np.asarray(np.exp(self.worth[shots].mean(axis=-1)))


def test_clicks_train_the_scorer() -> None:
    for videos, views in ((30, 300), (100, 300), (100, 3000), (158, 3000), (158, 30000)):
        found = [outcome(videos, views, seed) for seed in range(SEEDS)]
        before, best = (float(np.mean([each[at] for each in found])) for at in (0, 2))
        trained = [each for _, each, _ in found if each is not None]
        refused = SEEDS - len(trained)
        print(
            f"| {videos} | {2 * views:,} | {refused} of {SEEDS} | {before:+.1%} | "
            f"{f'{np.mean(trained):+.1%}' if trained else ''} | {best:+.1%} |"
        )
        if views >= 3000:
            assert refused == 0
            assert float(np.mean(trained)) > before + 0.02


def outcome(videos: int, views: int, seed: int) -> tuple[float, float | None, float]:
    """Return lifts over random GIFs: of the scorer untrained, trained or refused, and the best."""
    rng = np.random.default_rng(seed)
    seen, unseen = minutes(rng)
    network = shipped_network()
    shown = [seen[at] for at in rng.permutation(len(seen))[:videos]]
    sets = [each for at, one in enumerate(shown) for each in clicks(at, one, views, rng)]
    before = lift(unseen, lambda one: chosen(ShotScorer(network, ""), one), rng)
    best = lift(unseen, best_of, rng)
    try:
        found = learn_scorer(sets)
    except LearningError:
        return before, None, best
    trained = ShotScorer(
        corrected(network, found.trust, found.correction, found.learned.choices), ""
    )
    return before, lift(unseen, lambda one: chosen(trained, one), rng), best


def minutes(rng: np.random.Generator) -> tuple[list[Minute], list[Minute]]:
    """Return the minutes of the site's videos, and of those that are held out."""
    scorer, videos = ShotScorer(shipped_network(), ""), load_tvsum(SHARED / "data/tvsum")
    cuts = [
        (video.fold, video.features[start : start + MINUTE_S])
        for video in videos
        for start in range(0, len(video.features) - MINUTE_S + 1, MINUTE_S)
    ]
    read = [shot_features(torch.from_numpy(cut)).numpy() for _, cut in cuts]
    rows = np.concatenate(read)
    axes = np.linalg.eigh(rows.T @ rows)[1][:, -DIRECTIONS:]
    liked = axes @ rng.normal(size=DIRECTIONS)
    found: tuple[list[Minute], list[Minute]] = ([], [])
    for (fold, cut), row in zip(cuts, read, strict=True):
        before, new = standard(scorer.scores(cut)), standard(row @ liked)
        worth = EFFECT * (LIKED[0] * before + LIKED[1] * new)
        found[fold == HELD_OUT].append(Minute(cut, worth))
    return found


def standard(values: Floats) -> Floats:
    return np.asarray((values - values.mean()) / values.std())


def clicks(at: int, one: Minute, views: int, rng: np.random.Generator) -> list[ChoiceSet]:
    """Return what one video tells: its scorer's GIF, a uniform one and two at random."""
    scorer = ShotScorer(shipped_network(), "")
    drawn = [rng.choice(inner(), 3, replace=False) for _ in range(2)]
    gifs = np.stack([chosen(scorer, one), np.asarray([10, 30, 50]), *drawn])
    cues = gif_features(shipped_network(), one.features, gifs.tolist())
    sets = []
    for rate, shares in PHASES:
        seen = rng.multinomial(views, shares)
        won = rng.binomial(seen, rate * one.rate(gifs)).astype(float)
        if won.any():
            sets.append(ChoiceSet(at, cues, np.log(np.maximum(seen, 1)), won))
    return sets


def lift(
    videos: list[Minute], choice: Callable[[Minute], NDArray[np.int64]], rng: np.random.Generator
) -> float:
    rates = [one.rate(choice(one)) for one in videos]
    random = [one.rate(rng.choice(inner(), (500, 3))).mean() for one in videos]
    return float(np.mean(rates) / np.mean(random) - 1)


def inner() -> NDArray[np.int64]:
    return np.arange(TRIMMED_S, MINUTE_S - TRIMMED_S)


def best_of(one: Minute) -> NDArray[np.int64]:
    return inner()[spaced_triples(one.worth[inner()], inner(), GAP_S, 1)[0]]


def chosen(scorer: ShotScorer, one: Minute) -> NDArray[np.int64]:
    table = ShotTable(one.features, inner(), FrameMeasures.none(), gap_s=GAP_S)
    return np.asarray(scorer.rank(table, seed=0)[0].starts_s, np.int64)
