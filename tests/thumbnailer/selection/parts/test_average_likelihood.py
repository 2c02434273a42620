from itertools import permutations
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from thumbnailer.errors import BadFeaturesError
from thumbnailer.selection.parts import average_likelihood
from thumbnailer.selection.parts.average_likelihood import (
    RankedTriples,
    _pair_bounds,
    _position,
    _shot_bounds,
    rank_triples,
)


def random_likelihoods(
    draws: int, shots: int, temperature: float = 1.0, seed: int = 0, jitter: float = 1.0
) -> Tensor:
    """Return (L, 3, n) softmaxes of what all draws share and what each has for itself."""
    generator = torch.Generator().manual_seed(seed)
    shared = torch.randn(3, shots, generator=generator, dtype=torch.float64)
    own = torch.randn(draws, 3, shots, generator=generator, dtype=torch.float64)
    return ((shared + jitter * own) / temperature).softmax(dim=2)


def score(likelihoods: Tensor, triple: tuple[int, ...]) -> float:
    """Eq. 10, as it is written."""
    first, second, third = (likelihoods[:, i, shot] for i, shot in enumerate(triple))
    return float((first * second * third).mean())


def assert_best(found: RankedTriples, allowed: dict[tuple[int, ...], float], count: int) -> None:
    """Check against the scores of all allowed triples; equal scores may come in any order."""
    expected = sorted(allowed.values(), reverse=True)[:count]
    triples = [tuple(triple) for triple in found.shots.tolist()]
    assert found.scores.numpy() == pytest.approx(expected, rel=1e-10, abs=1e-300)
    assert len(set(triples)) == len(triples) == len(expected)
    assert [allowed[triple] for triple in triples] == pytest.approx(expected, rel=1e-10, abs=1e-300)


@st.composite
def tables(draw: st.DrawFn) -> Tensor:
    """Draw (L, 3, n) tables, often with zeros, equals and rows that do not sum to 1."""
    draws, shots = draw(st.integers(1, 8)), draw(st.integers(3, 12))
    if draw(st.booleans()):
        return random_likelihoods(
            draws,
            shots,
            temperature=draw(st.sampled_from([0.05, 0.3, 1.0, 5.0, 100.0])),
            seed=draw(st.integers(0, 2**31)),
            jitter=draw(st.sampled_from([0.0, 0.3, 3.0])),
        )
    generator = np.random.default_rng(draw(st.integers(0, 2**31)))
    return torch.from_numpy(generator.integers(0, draw(st.integers(1, 4)), (draws, 3, shots)) / 4)


@given(tables(), st.integers(1, 30), st.integers(1, 6), st.data())
def test_is_what_looking_at_all_triples_finds(
    likelihoods: Tensor, count: int, min_gap: int, data: st.DataObject
) -> None:
    shots = likelihoods.shape[2]
    steps = data.draw(st.lists(st.integers(1, 4), min_size=shots, max_size=shots))
    times = np.cumsum(steps)
    allowed: dict[tuple[int, ...], float] = {
        triple: score(likelihoods, triple)
        for triple in permutations(range(shots), 3)
        if min(np.diff(np.sort(times[list(triple)]))) >= min_gap
    }
    asked: dict[str, Any] = {"count": count, "min_gap": min_gap, "times": torch.from_numpy(times)}
    if not allowed:
        with pytest.raises(BadFeaturesError, match="no three of them"):
            rank_triples(likelihoods, **asked)
        return
    with pytest.MonkeyPatch.context() as patch:
        # Of so few pairs all would be looked at at once.
        patch.setattr(average_likelihood, "PAIRS_AT_ONCE", data.draw(st.sampled_from([1, 5, 256])))
        found = rank_triples(likelihoods, **asked)
    assert_best(found, allowed, count)


def all_scores(likelihoods: Tensor) -> Tensor:
    """(L, 3, n) -> (n, n, n), 0 where shots repeat."""
    scores = torch.einsum("la,lb,lc->abc", *likelihoods.unbind(dim=1)) / len(likelihoods)
    same = torch.eye(likelihoods.shape[2], dtype=torch.bool)
    return scores.masked_fill_(same[:, :, None] | same[:, None, :] | same[None, :, :], 0.0)


@pytest.mark.parametrize("jitter", [0.1, 1.0, 10.0])
@pytest.mark.parametrize("temperature", [0.1, 0.5, 2.0, 50.0])
def test_is_what_looking_at_all_triples_finds_with_60_shots_and_64_draws(
    temperature: float, jitter: float
) -> None:
    likelihoods = random_likelihoods(64, 60, temperature, jitter=jitter)
    scores = all_scores(likelihoods)
    best = scores.flatten().topk(7)
    found = rank_triples(likelihoods, count=7)
    assert found.scores.numpy() == pytest.approx(best.values.numpy(), rel=1e-10)
    assert scores[tuple(found.shots.T)].numpy() == pytest.approx(best.values.numpy(), rel=1e-10)


@given(tables(), st.sampled_from([-1, 4096]))
def test_no_triple_is_above_its_bounds(likelihoods: Tensor, many_pairs: int) -> None:
    shots = torch.arange(likelihoods.shape[2])
    first, second, third = (_position(shots, table.double()) for table in likelihoods.unbind(1))
    sums = torch.einsum("la,lb,lc->abc", *likelihoods.double().unbind(dim=1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(average_likelihood, "MANY_PAIRS", many_pairs)  # -1: always the second bound
        pair_bounds = _pair_bounds(first, second, third, floor=0.0)
    assert (sums.amax(dim=2) <= pair_bounds).all()
    assert (sums.amax(dim=(1, 2)) <= _shot_bounds(first, second, third)).all()


def test_where_the_first_bound_leaves_many_pairs_the_second_leaves_few() -> None:
    likelihoods = random_likelihoods(200, 90, temperature=20.0, jitter=10.0)
    first, second, third = (_position(torch.arange(90), table) for table in likelihoods.unbind(1))
    best = all_scores(likelihoods).max().item()
    floor = best * len(likelihoods)
    left = (_pair_bounds(first, second, third, floor) >= floor).sum()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(average_likelihood, "MANY_PAIRS", 90 * 90)
        left_by_first = (_pair_bounds(first, second, third, floor) >= floor).sum()
    assert left < left_by_first / 10
    assert left_by_first > 4096
    assert rank_triples(likelihoods).scores.item() == pytest.approx(best, rel=1e-10)


def test_the_likeliest_triple_need_not_be_the_closest_of_any_draw() -> None:
    # At the first position each draw likes a shot of its own best, and all like shot 4 second best.
    likelihoods = torch.zeros(4, 3, 8)
    likelihoods[:, 0, :4] = 0.6 * torch.eye(4)
    likelihoods[:, 0, 4] = 0.4
    likelihoods[:, 1, 5] = likelihoods[:, 2, 6] = 1.0
    found = rank_triples(likelihoods, count=2)
    assert found.shots[0].tolist() == [4, 5, 6]
    assert found.scores.tolist() == pytest.approx([0.4, 0.15])


def test_more_triples_than_there_are_come_back_as_all_there_are() -> None:
    found = rank_triples(random_likelihoods(5, 3), count=100)
    assert sorted(map(tuple, found.shots.tolist())) == sorted(permutations(range(3)))
    assert (found.scores.diff() <= 0).all()


def test_answers_the_same_twice_and_for_single_precision() -> None:
    likelihoods = random_likelihoods(40, 50, 0.5).float()
    found = rank_triples(likelihoods, count=5)
    for again in (rank_triples(likelihoods, count=5), rank_triples(likelihoods.double(), count=5)):
        assert torch.equal(found.shots, again.shots)
        assert torch.equal(found.scores, again.scores)


def test_a_likelihood_of_zero_everywhere_still_has_an_answer() -> None:
    found = rank_triples(torch.zeros(4, 3, 6), count=2)
    assert found.scores.tolist() == [0.0, 0.0]
    assert all(len(set(triple)) == 3 for triple in found.shots.tolist())


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"likelihoods": torch.ones(4, 2, 9)}, BadFeaturesError, r"shape == \(4, 2, 9\), must be"),
        ({"likelihoods": torch.ones(0, 3, 9)}, BadFeaturesError, "L and n >= 1"),
        (
            {"likelihoods": torch.full((1, 3, 9), torch.nan)},
            BadFeaturesError,
            "between nan and nan",
        ),
        ({"likelihoods": torch.full((1, 3, 9), torch.inf)}, BadFeaturesError, "must be finite"),
        ({"likelihoods": -torch.ones(1, 3, 9)}, BadFeaturesError, "between -1.0 and"),
        ({"likelihoods": torch.ones(2, 3, 2)}, BadFeaturesError, "2 shots may be chosen"),
        ({"min_gap": 5}, BadFeaturesError, "9 shots may be chosen, no three of them min_gap == 5"),
        ({"min_gap": 0}, ValueError, "min_gap == 0"),
        ({"count": 0}, ValueError, "count == 0"),
    ],
)
def test_what_makes_no_sense_is_refused(
    change: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        rank_triples(**({"likelihoods": torch.ones(2, 3, 9)} | change))
