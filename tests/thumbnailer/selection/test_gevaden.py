from dataclasses import replace
from functools import partial
from itertools import permutations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.distributions import Normal
from torch.distributions import kl_divergence as reference_kl

from tests.thumbnailer.selection.tables import SMALL_GEVADEN, shot_table, small_batch, small_gevaden
from thumbnailer.errors import BadFeaturesError
from thumbnailer.selection.gevaden import (
    DRAWS,
    Gaussian,
    Gevaden,
    GevadenConfig,
    GevadenNetwork,
    kl_divergence,
)


@settings(deadline=None)  # time is measured elsewhere
@given(st.integers(0, 2**31))
def test_kl_divergence_is_that_of_torch(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    draws = torch.randn(4, 5, 10, generator=generator, dtype=torch.float64)
    left, right = Gaussian(draws[0], draws[1]), Gaussian(draws[2], draws[3])
    wanted = reference_kl(
        Normal(left.mean, (left.log_variance / 2).exp()),
        Normal(right.mean, (right.log_variance / 2).exp()),
    )
    torch.testing.assert_close(kl_divergence(left, right), wanted)
    torch.testing.assert_close(kl_divergence(left, left), torch.zeros(5, 10, dtype=torch.float64))


def test_samples_have_the_gaussians_mean_and_spread() -> None:
    gaussian = Gaussian(torch.tensor([1.0, -2.0]), torch.tensor([0.0, 2.0]))
    draws = gaussian.sample(20_000, torch.Generator().manual_seed(0))
    torch.testing.assert_close(draws.mean(dim=0), gaussian.mean, atol=0.08, rtol=0)
    torch.testing.assert_close(draws.var(dim=0), gaussian.log_variance.exp(), atol=0.2, rtol=0.05)


def test_no_gradient_reaches_the_posterior_when_it_re_embeds() -> None:
    network = small_gevaden()
    generated = torch.randn(5, 3, 6, requires_grad=True)
    own = network.gif_encoder(torch.randn(5, 3, 6))
    torch.autograd.backward(network.perceptual_loss(generated, own))
    assert generated.grad is not None
    assert generated.grad.abs().max() > 0
    for part in (network.gif_encoder, network.posterior):
        assert all(parameter.grad is None for parameter in part.parameters())
        assert all(parameter.requires_grad for parameter in part.parameters())


def test_the_losses_reach_every_part() -> None:
    network = small_gevaden()
    losses = network.losses(small_batch(), torch.Generator().manual_seed(0))
    torch.autograd.backward(losses["total"])
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().max() > 0, name


def test_the_total_is_equation_7() -> None:
    losses = small_gevaden().losses(small_batch(), torch.Generator().manual_seed(0))
    wanted = losses["regression"] + 0.01 * losses["divergence"] + 0.1 * losses["perceptual"]
    torch.testing.assert_close(losses["total"], wanted)


def test_divergence_below_the_free_nats_of_an_entry_costs_nothing() -> None:
    network = small_gevaden()
    plain = network.losses(small_batch(), torch.Generator().manual_seed(0))
    network.config = replace(network.config, free_nats=100.0, perceptual_weight=0.0)
    free = network.losses(small_batch(), torch.Generator().manual_seed(0))
    torch.testing.assert_close(free["divergence"], plain["divergence"])
    floor = network.config.beta * 100.0 * network.config.latent_dim
    torch.testing.assert_close(free["total"], free["regression"] + floor)
    parts = torch.autograd.grad(
        free["total"] - free["regression"], list(network.prior.parameters())
    )
    assert all(part.abs().max() == 0 for part in parts)


def test_forgetting_changes_training_alone() -> None:
    network = small_gevaden()
    seeded = partial(torch.Generator().manual_seed, 0)
    plain = network.losses(small_batch(), seeded())["regression"]
    network.config = replace(network.config, forgetting=0.5)
    assert network.losses(small_batch(), seeded())["regression"] != plain
    network.eval()
    kept = network.losses(small_batch(), seeded())["regression"]
    network.config = replace(network.config, forgetting=0.0)
    torch.testing.assert_close(network.losses(small_batch(), seeded())["regression"], kept)


def test_the_regression_is_the_mean_sum_of_three_unsquared_distances() -> None:
    network = small_gevaden()
    with torch.no_grad():
        network.generator.output.weight.zero_()
        network.generator.output.bias.zero_()
    batch = small_batch()
    found = network.losses(batch, torch.Generator())["regression"]
    torch.testing.assert_close(found, batch.gif_shots().norm(dim=-1).sum(dim=-1).mean())


def test_padding_changes_nothing() -> None:
    network, batch = small_gevaden(), small_batch()
    longer = torch.cat([batch.shots, torch.full((4, 7, 6), 5.0)], dim=1)
    padded = replace(batch, shots=longer)
    first = network.losses(batch, torch.Generator().manual_seed(1))
    second = network.losses(padded, torch.Generator().manual_seed(1))
    torch.testing.assert_close(first, second)


def test_sizes_are_the_papers() -> None:
    network = GevadenNetwork(GevadenConfig())
    assert network.video_encoder.lstm.hidden_size == network.generator.lstm.hidden_size == 512
    assert network.gif_encoder.lstm.hidden_size == 128
    assert {network.video_encoder.lstm.num_layers, network.generator.lstm.num_layers} == {2}
    assert network.prior(torch.zeros(1, 512)).mean.shape == (1, 10)
    assert network.posterior(torch.zeros(1, 128)).mean.shape == (1, 10)
    assert network.generator.lstm.input_size == 10 + 128


def test_the_first_step_starts_from_the_videos_embedding_and_a_zero_shot() -> None:
    network = small_gevaden()
    video, latent = torch.randn(2, 12), torch.randn(2, 3)
    start = torch.cat([latent, torch.zeros(2, 6)], dim=1)[:, None]
    hidden = torch.stack([video, video])
    step, _ = network.generator.lstm(start, (hidden, torch.zeros_like(hidden)))
    wanted = network.generator.output(step[:, 0])
    torch.testing.assert_close(network.generator(video, latent)[:, 0], wanted)


def test_other_seeds_draw_other_latents_and_scores_are_likelihoods() -> None:
    selector = Gevaden(small_gevaden(), "test")
    table = shot_table(40, feature_dim=20)
    first, second = (selector.rank(table, seed=seed) for seed in (0, 1))
    assert first != second
    assert all(0 <= candidate.score <= 1 for candidate in first)


def test_the_first_candidate_is_the_likeliest_of_all_triples() -> None:
    network, table = small_gevaden(), shot_table(14, feature_dim=20)
    found = Gevaden(network, "test").rank(table, seed=3)
    with torch.inference_mode():
        shots = network.projection(torch.from_numpy(table.features))
        generated = network.sample_gifs(shots, DRAWS, torch.Generator().manual_seed(3))
        distances = torch.cdist(generated, shots[torch.from_numpy(table.eligible)])
        triples = torch.tensor(list(permutations(range(len(table.eligible)), 3)))
        likelihoods = (-distances / network.temperature).softmax(dim=2)
    averages = torch.einsum("la,lb,lc->abc", *likelihoods.unbind(dim=1)) / DRAWS
    scores = averages[tuple(triples.T)]
    wanted = scores.sort(descending=True).values[: len(found)]
    assert [candidate.score for candidate in found] == pytest.approx(wanted.tolist(), rel=1e-4)
    best = table.eligible[triples[scores.argmax()].numpy()]
    assert found[0].starts_s == tuple(best.astype(float))


def test_a_fixed_prior_is_the_standard_normal_for_every_video() -> None:
    network = GevadenNetwork(replace(SMALL_GEVADEN, fixed_prior=True))
    prior = network.prior(torch.randn(4, 12))
    torch.testing.assert_close(prior.mean, torch.zeros(4, 3))
    torch.testing.assert_close(prior.log_variance, torch.zeros(4, 3))
    losses = network.losses(small_batch(), torch.Generator().manual_seed(0))
    torch.autograd.backward(losses["total"])
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in network.parameters())


def test_features_of_another_width_are_refused() -> None:
    with pytest.raises(BadFeaturesError, match="have 30 numbers each, must have 20"):
        Gevaden(small_gevaden(), "test").rank(shot_table(10, feature_dim=30), seed=0)
