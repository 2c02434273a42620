"""Thumbnails of real clips: by the paper's rules and by ours, and selectors beside each other."""

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
from thumbnailer.features.lettering import Lettering
from thumbnailer.registry import load_selector
from thumbnailer.selection.appeal import Appeal
from thumbnailer.selection.parts.base import ShotTable
from thumbnailer.selection.parts.distinctness import ALIKE, distinctness
from thumbnailer.settings import ChoiceRules
from thumbnailer.video.fitness import names_of_faults
from thumbnailer.video.shots import eligible_shots

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
            measured = {tuple(shots_s): value for shots_s, _, value in thumbnail.candidates}
            still += measured[tuple(thumbnail.shots_s)] < ALIKE
            total += 1
            print(f"{name}, {arm}: {thumbnail.shots_s}")
    print(
        f"equal arms {equal} of {len(clips())} clips; shots under {NEAR_S} s apart {near}, "
        f"{near_in_long} of these in clips over 60 s; alike {still}, of {total} GIFs"
    )


SIDE_BY_SIDE = (
    "appeal",
    "shot_scorer",
    "gevaden",
    "re_seq2seq",
    "ranknet",
    "hecate",
    "beautthumb",
    "uniform",
)
LETTERED = 0.1


def test_selectors_side_by_side() -> None:
    """The rule was set before the clips were looked at: poor shots, likeness, nearness, cues."""
    own = load_selector("appeal")
    assert isinstance(own, Appeal)
    for name in SIDE_BY_SIDE:
        rows = []
        for video in clips().values():
            starts_s = np.asarray(choose(video, name).starts_s, np.int64)
            eligible = eligible_shots(video.frames)
            table = ShotTable(video.features, eligible, video.frames, faces=video.faces)
            cues = own.cues(table)[np.searchsorted(eligible, starts_s)]
            lettered = Lettering().of(video.features[starts_s]) > LETTERED
            faults = [names_of_faults(video.frames, slice(12 * s, 12 * s + 12)) for s in starts_s]
            rows.append(
                [
                    np.mean([bool(each) for each in faults] | lettered),
                    distinctness(video.features, starts_s.tolist()),
                    np.diff(np.sort(starts_s)).min() < NEAR_S,
                    cues[:, 1:].mean(),
                    (video.faces[starts_s] > 0).mean(),
                ]
            )
        poor, unlike, near, cue, face = np.mean(rows, axis=0)
        print(
            f"{name}: poor or lettered {poor:.0%} of shots, distinctness {unlike:.2f}, "
            f"gap under 5 s in {near:.0%}, mean rank by cues {cue:.2f}, a face in {face:.0%}"
        )
