from itertools import permutations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from thumbnailer.training.temperature import average_likelihoods


@settings(deadline=None)  # time is measured elsewhere
@given(st.integers(3, 6), st.integers(1, 5), st.integers(0, 2**31))
def test_likelihoods_average_over_draws_what_positions_multiply(
    shots: int, draws: int, seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    distances = torch.rand(draws, 3, shots, generator=generator, dtype=torch.float64)
    triples = torch.tensor(list(permutations(range(shots), 3)))
    found = average_likelihoods(distances, triples, torch.tensor(0.3))
    for triple, likelihood in zip(triples.tolist(), found.tolist(), strict=True):
        wanted = 0.0
        for draw in range(draws):
            weights = torch.exp(-distances[draw] / 0.3)
            product = 1.0
            for position, shot in enumerate(triple):
                product *= float(weights[position, shot] / weights[position].sum())
            wanted += product / draws
        assert likelihood == pytest.approx(wanted, rel=1e-6)
