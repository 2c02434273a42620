from itertools import permutations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from thumbnailer.selection.parts.matching import distances_to, match


@settings(deadline=None)  # time is measured elsewhere
@given(
    st.integers(3, 11), st.integers(1, 3), st.integers(1, 4), st.booleans(), st.integers(0, 2**31)
)
def test_the_first_triple_is_the_best_of_all_that_keep_the_gap(
    shots: int, gifs: int, gap_s: int, crowded: bool, seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    # Crowded: the three positions want the same few shots, and many distances tie.
    distances = torch.rand(gifs, 3, shots, generator=generator)
    if crowded:
        distances = (distances[:, :1] * 4).round().expand(-1, 3, -1).contiguous()
    times = torch.randint(1, 4, (shots,), generator=generator).cumsum(dim=0)
    found = match(distances, times, gap_s)
    allowed = [
        triple
        for triple in permutations(range(shots), 3)
        if times[list(triple)].sort().values.diff().min() >= gap_s
    ]
    for row in range(gifs):
        brute = min(
            (sum(float(distances[row, i, shot]) for i, shot in enumerate(one)) for one in allowed),
            default=torch.inf,
        )
        triple = found.shots[row, 0].tolist()
        if not allowed:
            assert found.costs[row, 0] == torch.inf
            continue
        assert tuple(triple) in allowed
        assert float(found.costs[row, 0]) == pytest.approx(brute, abs=1e-6)
        assert sum(float(distances[row, i, shot]) for i, shot in enumerate(triple)) == (
            pytest.approx(brute, abs=1e-6)
        )


def test_triples_come_in_order_of_cost_and_repetitions_last() -> None:
    distances = torch.tensor([[[0.0, 1, 2, 9], [0.0, 5, 6, 9], [0.5, 0.1, 7, 9]]])
    found = match(distances)
    assert found.costs[0].tolist() == sorted(found.costs[0].tolist())
    assert found.shots[0, 0].tolist() == [2, 0, 1]
    disjoint = found.costs[0].isfinite()
    assert disjoint.sum() == 6  # three shots in every order; the fourth is nobody's nearest
    assert all(len(set(triple)) == 3 for triple in found.shots[0][disjoint].tolist())


def test_distances_are_those_of_each_gif_to_each_shot() -> None:
    generator = torch.Generator().manual_seed(0)
    generated, shots = (
        torch.randn(5, 3, 8, generator=generator),
        torch.randn(11, 8, generator=generator),
    )
    wanted = (generated[:, :, None] - shots).square().sum(dim=3).sqrt()
    torch.testing.assert_close(distances_to(generated, shots), wanted)
