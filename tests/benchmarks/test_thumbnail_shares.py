"""Shares of equal arms and of neighbouring seconds in real clips: the paper's rules, and ours."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest

from experiments.making.distinct_arms import give_way
from experiments.models import Thumbnail
from tests.thumbnailer.clips import SHARED
from thumbnailer.choose import choose
from thumbnailer.features.analysis import Analysis, analyse
from thumbnailer.features.efficientnet_lite import default_extractor
from thumbnailer.selection.parts.distinctness import ALIKE
from thumbnailer.settings import ChoiceRules

pytestmark = [pytest.mark.benchmark, pytest.mark.usefixtures("one_thread")]

ARMS = ("re_seq2seq", "gevaden", "ranknet", "shot_scorer", "hecate")
NEAR_S, LONG_S, OVER_A_MINUTE_S = 5, 20, 60
PAPERS, OURS = ChoiceRules(gap_s=1), ChoiceRules()


@cache
def clips() -> dict[str, Analysis]:
    files = sorted((SHARED / "data/videos").glob("*"))
    if not files:
        pytest.skip("shared/data/videos is not beside this checkout")
    found = {path.name: analyse(path, default_extractor()) for path in files}
    return {name: video for name, video in found.items() if video.frames.duration_s > LONG_S}


def chosen(video: Analysis, arms: Sequence[str], rules: ChoiceRules) -> dict[str, Thumbnail]:
    """What each arm shows of a clip; by our rules later ones give way to those before."""
    found = {}
    for name in arms:
        selection = choose(video, name, rules=rules)
        candidates = [
            [list(each.starts_s), each.score, each.distinctness] for each in selection.candidates
        ]
        shots_s = list(selection.starts_s)
        found[name] = Thumbnail(
            selector=name, shots_s=shots_s, shot_length_s=1.0, candidates=candidates
        )
    if rules is OURS:
        give_way(found.values(), [])
    return found


@pytest.mark.parametrize("rules", [PAPERS, OURS], ids=["the paper's rules", "ours"])
def test_shares(rules: ChoiceRules) -> None:
    equal, near, near_in_long, still, total = 0, 0, 0, 0, 0
    for name, video in clips().items():
        pair = chosen(video, ARMS[:2], rules)
        equal += pair["re_seq2seq"].shots_shown == pair["gevaden"].shots_shown
        for arm, thumbnail in chosen(video, ARMS, rules).items():
            near_s = np.diff(np.sort(thumbnail.shots_s)).min()
            near += near_s < NEAR_S
            near_in_long += near_s < NEAR_S and video.frames.duration_s > OVER_A_MINUTE_S
            distinctness = {tuple(shots_s): value for shots_s, _, value in thumbnail.candidates}
            still += distinctness[tuple(thumbnail.shots_s)] < ALIKE
            total += 1
            print(f"{name}, {arm}: {thumbnail.shots_s}")
    print(
        f"equal arms {equal} of {len(clips())} clips; shots under {NEAR_S} s apart {near}, "
        f"{near_in_long} of these in clips over 60 s; alike {still}, of {total} GIFs"
    )
