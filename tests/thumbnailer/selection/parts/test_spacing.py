from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from thumbnailer.selection.parts.spacing import best_spaced, spaced_triples, widest_gap

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
def test_triples_share_no_shot_and_fall_in_score(seconds: list[int], seed: int) -> None:
    scores = np.random.default_rng(seed).normal(size=len(seconds))
    triples = spaced_triples(scores, np.asarray(seconds), 5, 10)
    flat = np.concatenate(triples)
    assert len(set(flat.tolist())) == len(flat) >= 3
    sums = [scores[triple].sum() for triple in triples]
    assert sums == sorted(sums, reverse=True)
