from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from thumbnailer.selection.parts.spacing import (
    Pick,
    best_apart,
    best_spaced,
    non_maximum_suppression,
    spaced_triples,
    thread,
    widest_gap,
)

times = st.sets(st.integers(0, 40), min_size=3, max_size=14).map(sorted)


@settings(deadline=None)  # time is measured elsewhere
@given(times, st.integers(1, 8), st.integers(0, 2**31))
def test_the_best_of_all_triples_that_keep_their_distance(
    seconds: list[int], gap_s: int, seed: int
) -> None:
    scores = np.random.default_rng(seed).normal(size=len(seconds))
    allowed = [
        (float(scores[[a, b, c]].sum()), (a, b, c))
        for a, b, c in combinations(range(len(seconds)), 3)
        if seconds[b] - seconds[a] >= gap_s and seconds[c] - seconds[b] >= gap_s
    ]
    found = best_spaced(scores, np.asarray(seconds), gap_s)
    if not allowed:
        assert found is None
        return
    assert found is not None
    assert tuple(found.tolist()) == max(allowed)[1]


def test_a_short_video_keeps_what_distance_it_can() -> None:
    assert widest_gap(np.arange(20), 5) == 5
    assert widest_gap(np.arange(7), 5) == 3
    assert widest_gap(np.arange(3), 5) == 1
    [only] = spaced_triples(np.asarray([1.0, 3.0, 2.0]), np.arange(3), 5, 10)
    assert only.tolist() == [0, 1, 2]


@settings(deadline=None)  # time is measured elsewhere
@given(times, st.integers(0, 2**31))
def test_triples_that_share_no_shot_come_first_and_all_keep_the_gap(
    seconds: list[int], seed: int
) -> None:
    scores, places = np.random.default_rng(seed).normal(size=len(seconds)), np.asarray(seconds)
    gap_s = widest_gap(places, 5)
    triples = [triple.tolist() for triple in spaced_triples(scores, places, 5, 10)]
    allowed = [
        triple
        for triple in combinations(range(len(seconds)), 3)
        if np.diff(places[list(triple)]).min() >= gap_s
    ]
    assert len({frozenset(triple) for triple in triples}) == len(triples) == min(10, len(allowed))
    seen: set[int] = set()
    apart = 0
    while apart < len(triples) and not seen & set(triples[apart]):
        seen |= set(triples[apart])
        apart += 1
    assert all(tuple(triple) in allowed for triple in triples)
    for some in (triples[:apart], triples[apart:]):
        sums = [scores[triple].sum() for triple in some]
        assert sums == sorted(sums, reverse=True)


def test_a_ranking_is_followed_but_for_the_distance() -> None:
    assert non_maximum_suppression(np.asarray([7, 9, 3, 2, 20, 12]), 5, 3).tolist() == [7, 2, 20]
    assert non_maximum_suppression(np.asarray([7, 9, 3, 2, 20, 12]), 5).tolist() == [7, 2, 20, 12]
    assert non_maximum_suppression(np.asarray([7, 8]), 5).tolist() == [7]
    assert non_maximum_suppression(np.asarray([], np.int64), 5).tolist() == []


@settings(deadline=None)  # time is measured elsewhere
@given(st.permutations(range(30)))
def test_those_chosen_keep_their_distance(ranking: list[int]) -> None:
    found = non_maximum_suppression(np.asarray(ranking), 5)
    assert found[0] == ranking[0]
    assert all(abs(a - b) >= 5 for a, b in combinations(found.tolist(), 2))


@settings(deadline=None)  # time is measured elsewhere
@given(times, st.integers(1, 8), st.integers(0, 2**31))
def test_the_best_triple_comes_first_and_what_follows_keeps_the_gap(
    seconds: list[int], gap_s: int, seed: int
) -> None:
    scores, places = np.random.default_rng(seed).normal(size=len(seconds)), np.asarray(seconds)
    gap_s = widest_gap(places, gap_s)
    found = best_apart(scores, places, gap_s, 5)
    triple = best_spaced(scores, places, gap_s)
    assert triple is not None
    assert set(found[:3]) == set(places[triple])
    assert all(abs(a - b) >= gap_s for a, b in combinations(found.tolist(), 2))
    scored = scores[np.searchsorted(places, found)]
    assert (np.diff(scored[:3]) <= 0).all()
    assert (np.diff(scored[3:]) <= 0).all()


def test_threaded_seconds_keep_the_gap_and_fill_up_where_picks_are_too_near() -> None:
    picks = [Pick(10, 5.0), Pick(12, 4.0), Pick(30, 2.0)]
    [only] = thread(picks, [11, 20, 40, 50], 5)
    assert only.starts_s == (10.0, 20.0, 30.0)
    assert only.score == 7.0


def test_the_heaviest_three_come_first_in_time_order() -> None:
    found = thread([Pick(30, 2.0), Pick(10, 5.0), Pick(20, 4.0), Pick(5, 1.0)], [])
    assert [candidate.starts_s for candidate in found] == [
        (10.0, 20.0, 30.0),
        (5.0, 10.0, 20.0),
        (5.0, 10.0, 30.0),
        (5.0, 20.0, 30.0),
    ]
    assert [candidate.score for candidate in found] == [11.0, 10.0, 8.0, 7.0]


def test_a_second_is_picked_once_with_its_largest_weight() -> None:
    [only] = thread([Pick(10, 2.0), Pick(10, 3.0)], [10, 4, 7, 9])
    assert only.starts_s == (4.0, 7.0, 10.0)
    assert only.score == 3.0
