"""Every selector's choice of every length of video, and what is said about it."""

from dataclasses import replace

import numpy as np
import pytest

from tests.thumbnailer.made_up import lively_measures
from tests.thumbnailer.selection.tables import shot_table
from thumbnailer.choose import choose, rules_digest
from thumbnailer.features.analysis import Analysis
from thumbnailer.features.efficientnet_lite import MANIFEST
from thumbnailer.registry import SELECTORS, load_selector
from thumbnailer.selection.parts.base import Media
from thumbnailer.settings import ChoiceRules, FilmSettings, SelectionSettings, Skip, Trim


def made_up(seconds: int, *, skipped_packets: int = 0) -> Analysis:
    features = shot_table(max(5, seconds)).features[:seconds]
    measures = lively_measures(12 * seconds + 5)
    return Analysis(features, measures, skipped_packets, is_damaged=skipped_packets > 0)


@pytest.mark.parametrize("name", SELECTORS)
@pytest.mark.parametrize("seconds", [0, 1, 2, 3, 4, 5])
def test_short_videos_have_an_answer(name: str, seconds: int) -> None:
    video = made_up(seconds)
    found = choose(video, name)
    assert ("shorter than 3 s" in found.note) == (seconds < 3)
    for candidate in found.candidates:
        starts_s = np.sort(candidate.starts_s)
        assert len(starts_s) == (1 if load_selector(name).media is Media.STILL else 3)
        assert (np.diff(starts_s) >= found.shot_length_s).all()
        assert starts_s[0] >= 0
        assert starts_s[-1] + found.shot_length_s <= video.frames.duration_s


def test_a_video_under_three_seconds_is_shown_in_thirds() -> None:
    found = choose(made_up(2), "uniform")
    third_s = (2 * 12 + 5) / 12 / 3
    assert found.starts_s == pytest.approx((0, third_s, 2 * third_s))
    assert found.shot_length_s == pytest.approx(third_s)


def test_what_is_skipped_is_not_chosen() -> None:
    trim = Trim(intro=Skip(seconds=5), outro=Skip(share=0.5))
    found = choose(made_up(30), "uniform", rules=ChoiceRules(trim))
    assert all(5 <= start_s < 15 for start_s in found.starts_s)


def test_the_note_says_what_stands_in_and_what_is_damaged() -> None:
    note = choose(made_up(30, skipped_packets=7), "raw").note
    assert "stand-in for the publisher's image" in note
    assert note.endswith("the file is damaged: 7 packets could not be decoded")
    joined = made_up(30)
    joined.frames.errors[100:103] = 1
    assert choose(joined, "uniform", rules=ChoiceRules(gap_s=1)).note == ""


GIFS = [name for name in SELECTORS if load_selector(name).media is Media.GIF]


@pytest.mark.parametrize("name", GIFS)
@pytest.mark.parametrize(("seconds", "gap_s"), [(8, 1), (16, 4), (20, 5), (60, 5)])
def test_shots_keep_the_gap_which_a_short_film_scales_down(
    name: str, seconds: int, gap_s: int
) -> None:
    found = choose(made_up(seconds), name)
    for candidate in found.candidates:
        assert np.diff(np.sort(candidate.starts_s)).min() >= gap_s
    short = " instead of 5 s, as there is little to choose from" if gap_s < 5 else ""
    assert f"shots at least {gap_s} s apart{short}" in found.note.split("; ")


def test_a_long_film_with_little_to_choose_from_keeps_what_gap_it_can() -> None:
    video = made_up(60)
    video.frames.luma[: 12 * 50] = video.frames.luma[12 * 59 :] = 0
    found = choose(video, "uniform")
    assert found.starts_s == (50.0, 53.0, 57.0)
    assert found.note.startswith("shots at least 3 s apart instead of 5 s")


def test_without_a_gap_shots_may_be_neighbours_as_in_the_paper() -> None:
    [best, *_] = choose(made_up(60), "ranknet", rules=ChoiceRules(gap_s=1)).candidates
    [apart, *_] = choose(made_up(60), "ranknet").candidates
    assert best.score > apart.score


def test_the_digest_of_the_rules_knows_features_and_what_is_skipped() -> None:
    digests = {
        rules_digest(MANIFEST, SelectionSettings()),
        rules_digest(replace(MANIFEST, name="another"), SelectionSettings()),
        rules_digest(MANIFEST, SelectionSettings(rules=ChoiceRules(Trim(intro=Skip(seconds=3))))),
        rules_digest(MANIFEST, SelectionSettings(rules=ChoiceRules(distinct=True))),
        rules_digest(MANIFEST, SelectionSettings(rules=ChoiceRules(gap_s=1))),
        rules_digest(MANIFEST, SelectionSettings(film=FilmSettings(background=(0, 0, 0)))),
    }
    assert len(digests) == 6


def test_a_film_of_one_slide_says_that_it_does_not_move_and_another_shows_what_differs() -> None:
    video = made_up(40)
    slides = replace(video, features=np.repeat(video.features[:1], 40, axis=0))
    exact, moving = ChoiceRules(gap_s=1), ChoiceRules(gap_s=1, distinct=True)
    assert choose(slides, "ranknet", rules=moving).note == "its shots look alike"
    best = choose(video, "ranknet", rules=exact)
    assert best.note == ""
    first, second, _ = (round(start_s) for start_s in best.starts_s)
    features = video.features.copy()
    features[second] = features[first]
    twins = replace(video, features=features)
    alike, moved = (choose(twins, "ranknet", rules=rules) for rules in (exact, moving))
    assert alike.note == "its shots look alike"
    assert moved.note == "better-scored candidates show next to the same twice"
    assert moved.starts_s in [each.starts_s for each in alike.candidates[1:]]
