import numpy as np
import pytest

from thumbnailer.results import Candidate
from thumbnailer.selection.parts.distinctness import (
    distinct_first,
    distinctness,
    looks_alike,
    measured,
)

# Seconds 0 and 1 show one slide, 2 is at 60 degrees to it, 3 at a right angle, 4 nothing at all.
FEATURES = np.asarray([[2, 0], [1, 0], [1, 3**0.5], [0, 5], [0, 0]], np.float32)


@pytest.mark.parametrize(
    ("starts_s", "expected"),
    [((0, 1, 3), 0.0), ((0, 2), 0.5), ((3, 0), 1.0), ((3, 2, 0), 1 - 0.75**0.5), ((0, 4), 1.0)],
)
def test_the_two_most_alike_shots_decide(starts_s: tuple[float, ...], expected: float) -> None:
    assert distinctness(FEATURES, starts_s) == pytest.approx(expected, abs=1e-6)


def test_one_moment_has_none() -> None:
    assert distinctness(FEATURES, (2.5,)) is None
    assert not looks_alike(Candidate((2.5,), 1.0))


def test_the_best_candidate_whose_shots_differ_comes_first_and_the_rest_keep_their_order() -> None:
    slides, again, moving = (Candidate(s, -n) for n, s in enumerate([(0, 1), (1, 0), (0, 3)]))
    ordered, note = distinct_first(measured([slides, again, moving], FEATURES))
    assert [each.score for each in ordered] == [-2, 0, -1]
    assert note == "better-scored candidates show next to the same twice"


def test_where_the_best_moves_or_none_does_nothing_changes() -> None:
    for candidates in ([(0, 3), (0, 1)], [(0, 1), (1, 0)]):
        ranked = measured([Candidate(s, -n) for n, s in enumerate(candidates)], FEATURES)
        assert distinct_first(ranked) == (ranked, "")
