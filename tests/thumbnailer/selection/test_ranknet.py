import pytest
import torch
from torch.nn.functional import huber_loss

from tests.thumbnailer.selection.tables import shot_table, small_batch, small_ranknet
from thumbnailer.selection.ranknet import RankNet, adaptive_huber, far_from_gifs


def test_the_loss_is_half_of_the_square_then_a_line() -> None:
    gap = torch.tensor([3.0, 1.0, 0.0, -1.0, -5.0])
    delta = torch.tensor([1.5, 1.5, 1.5, 2.5, 2.0])
    # u = max(0, 1 - gap) = 0, 0, 1, 2, 6
    wanted = torch.tensor([0.0, 0.0, 0.5, 2.0, 2 * 6 - 2.0])
    torch.testing.assert_close(adaptive_huber(gap, delta), wanted)


def test_with_one_delta_it_is_torchs_huber_loss() -> None:
    gap = torch.linspace(-6, 3, 50)
    missing = (1 - gap).clamp_min(0)
    wanted = huber_loss(missing, torch.zeros(50), reduction="none", delta=1.5)
    torch.testing.assert_close(adaptive_huber(gap, torch.full((50,), 1.5)), wanted)


def test_shots_of_gifs_beside_them_and_beyond_the_end_are_no_counterexamples() -> None:
    # GIFs of seconds 0, 2, 4 and 1, 2, 3; videos of 15, 9, 12 and 5 s.
    far = far_from_gifs(small_batch(), far_s=2)
    assert [row.nonzero()[:, 0].tolist() for row in far] == [
        list(range(6, 15)),
        list(range(6, 9)),
        list(range(6, 12)),
        [],
    ]


def test_popular_shots_cost_more_when_they_lie_far_below() -> None:
    network, batch = small_ranknet(), small_batch()
    with torch.no_grad():
        for parameter in network.layers.parameters():
            parameter.mul_(5)
    batch.popularity[:] = 0
    unpopular = network.losses(batch, None)["total"]
    batch.popularity[:] = 1
    assert network.losses(batch, None)["total"] > unpopular


def test_the_loss_reaches_every_layer() -> None:
    network = small_ranknet()
    torch.autograd.backward(network.losses(small_batch(), None)["total"])
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name


def test_the_gif_is_the_three_highest_scores_in_their_order() -> None:
    network, table = small_ranknet().eval(), shot_table(30, feature_dim=20)
    [best, *others] = RankNet(network, "test").rank(table, seed=0)
    with torch.inference_mode():
        scores = network(network.projection(torch.from_numpy(table.features))).numpy()
    order = sorted(table.eligible.tolist(), key=lambda shot: -scores[shot])
    assert best.starts_s == tuple(map(float, order[:3]))
    assert best.score == pytest.approx(float(scores[order[:3]].sum()))
    assert len(others) == 9
