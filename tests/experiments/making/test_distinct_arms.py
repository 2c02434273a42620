"""Of selectors that choose the same shots the later one shows its next candidate."""

import pytest

from experiments.making.distinct_arms import give_way
from experiments.models import Thumbnail


def chosen(selector: str, *candidates: list[float], picked_by: str = "") -> Thumbnail:
    return Thumbnail(
        selector=selector,
        shots_s=candidates[0],
        shot_length_s=1.0,
        candidates=[[list(shots_s), 0.5, 0.1] for shots_s in candidates],
        picked_by=picked_by,
        note="its own",
    )


def test_the_later_one_gives_way_and_says_so() -> None:
    first = chosen("re_seq2seq", [1, 5, 9])
    second = chosen("gevaden", [9, 5, 1], [1, 9, 5], [2, 5, 9])
    third = chosen("ranknet", [2, 5, 9], [30, 40, 50])
    give_way([first, second, third], [])
    assert (first.shots_s, first.note) == ([1, 5, 9], "its own")
    assert second.shots_s == [2, 5, 9]
    assert second.note == (
        "its own; shows candidate 3, as re_seq2seq shows the same shots as those before"
    )
    assert second.candidates[0][0] == [9, 5, 1]
    assert third.shots_s == [30, 40, 50]


def test_what_was_there_before_does_not_change() -> None:
    kept = chosen("gevaden", [1, 5, 9], [2, 5, 9])
    new = chosen("re_seq2seq", [1, 5, 9], [3, 5, 9])
    give_way([new], [kept])
    assert (kept.shots_s, new.shots_s) == ([1, 5, 9], [3, 5, 9])


@pytest.mark.parametrize("picked_by", ["", "ann"])
def test_without_another_candidate_or_where_a_person_picked_they_stay_equal(picked_by: str) -> None:
    others = [[2.0, 5.0, 9.0]] if picked_by else []
    twin = chosen("gevaden", [1, 5, 9], *others, picked_by=picked_by)
    give_way([chosen("re_seq2seq", [1, 5, 9]), twin], [])
    assert (twin.shots_s, twin.note) == ([1, 5, 9], "its own")


def test_stills_are_left_alone() -> None:
    raw, still = chosen("raw", [4], [8]), chosen("first_frame", [4], [9])
    raw.shot_length_s = still.shot_length_s = 0.0
    give_way([raw, still], [])
    assert still.shots_s == [4]
