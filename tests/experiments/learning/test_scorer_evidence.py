"""A made-up site with known truth: clicks train the scorer beyond what it was, or are refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from experiments.analysis.stats.records import FloatArray
from experiments.errors import LearningError
from experiments.learning.conditional_logit import ChoiceSet
from experiments.learning.scorer_evidence import learn_scorer
from experiments.management.commands import learn_scorer as learn_scorer_command
from tests.experiments.analysis.report.cast import counted_study
from thumbnailer.selection.parts.checkpoint import load_checkpoint
from thumbnailer.selection.shot_scorer import KIND, ShotScorerConfig, ShotScorerNetwork

FEATURES = 100  # more than the correction has directions
TRUTH = np.random.default_rng(7).normal(size=FEATURES) / np.sqrt(FEATURES)


def site(videos: int, views: int, truth: FloatArray = TRUTH, *, seed: int = 0) -> list[ChoiceSet]:
    """Clicks of two phases, of unlike click rates and unlike shares of three arms, a video.

    The score as it is tells nothing; features of GIFs have directions of unlike weight.
    """
    rng = np.random.default_rng(seed)
    scale = np.linspace(1.5, 0.1, FEATURES)
    sets = []
    for video in range(videos):
        features = rng.normal(size=(3, FEATURES)) * scale
        cues = np.column_stack([rng.normal(size=3), features])
        for rate, shares in ((0.02, (0.8, 0.1, 0.1)), (0.06, (0.2, 0.4, 0.4))):
            seen = rng.multinomial(views, shares)
            clicks = rng.binomial(seen, np.minimum(rate * np.exp(0.3 * features @ truth), 1))
            sets.append(ChoiceSet(video, cues, np.log(seen), clicks.astype(float)))
    return sets


def test_the_trained_scorer_chooses_what_is_clicked_more() -> None:
    found = learn_scorer(site(200, 3000))
    rng = np.random.default_rng(1)
    gifs = rng.normal(size=(1000, 10, FEATURES)) * np.linspace(1.5, 0.1, FEATURES)
    scores = rng.normal(size=(1000, 10))
    worth = found.trust * scores + gifs @ found.correction

    def rate(by: FloatArray) -> float:
        chosen = gifs[np.arange(len(gifs)), by.argmax(axis=1)]
        return float(np.exp(0.3 * chosen @ TRUTH).mean())

    assert abs(found.trust) < 0.03
    assert rate(worth) > 1.3 * rate(scores)
    assert rate(worth) > 0.95 * rate(gifs @ TRUTH)


@pytest.mark.parametrize("seed", range(5))
def test_clicks_that_follow_nothing_are_refused(seed: int) -> None:
    with pytest.raises(LearningError, match="no better than by what was known before"):
        learn_scorer(site(60, 1000, 0 * TRUTH, seed=seed))


def test_few_clicks_are_refused() -> None:
    with pytest.raises(LearningError, match="must be 650 on 5 at least"):
        learn_scorer(site(5, 100))
    with pytest.raises(LearningError, match="0 choices on 0 videos"):
        learn_scorer([])


@pytest.mark.django_db
def test_the_command_writes_weights_or_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    slug, out = counted_study().slug, tmp_path / "shot_scorer.pt"
    arguments = ["learn_scorer", slug, "--out", str(out)]
    with pytest.raises(CommandError, match="collect more"):
        call_command(*arguments)
    with pytest.raises(CommandError, match="no experiment has the slug 'nothing'"):
        call_command("learn_scorer", "nothing", "--out", str(out))
    assert not out.exists()
    read = 1283
    wide = [
        replace(each, cues=np.pad(each.cues, ((0, 0), (0, read - FEATURES))))
        for each in site(200, 3000)
    ]
    monkeypatch.setattr(learn_scorer_command, "from_clicks", lambda *_: wide)
    call_command(*arguments)
    clicks = int(sum(each.counts.sum() for each in wide))
    assert f"{clicks} clicks; held-out gain" in capsys.readouterr().out
    network = load_checkpoint(out, KIND).restore(ShotScorerConfig, ShotScorerNetwork)
    assert network.config.clicks == clicks
    assert network.correction[:FEATURES].abs().min() > 0
