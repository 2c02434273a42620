import pytest
import torch

from tests.thumbnailer.selection.tables import shot_table, small_batch, small_seq2seq
from thumbnailer.selection.re_seq2seq import ReSeq2Seq, retrospective_losses


def test_the_losses_reach_every_part() -> None:
    network = small_seq2seq()
    torch.autograd.backward(network.losses(small_batch(), None)["total"])
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().max() > 0, name


def test_retrospective_losses_by_hand() -> None:
    video = torch.tensor([[0.0, 0.0], [2.0, 0.0], [0.0, 4.0]])
    retrospect = torch.tensor([[0.0, 2.0], [2.0, 0.0], [0.0, 4.0]])
    own, contrast = retrospective_losses(video, retrospect, 3.0)
    # Squared distances over width 2, rows u and columns v.
    squares = [[2, 4, 2], [2, 0, 10], [8, 10, 0]]
    hinges = [
        max(0, 3 + squares[i][i] - squares[i][j]) + max(0, 3 + squares[i][i] - squares[j][i])
        for i in range(3)
        for j in range(3)
        if i != j
    ]
    assert float(own) == pytest.approx(2 / 3)
    assert float(contrast) == pytest.approx(sum(hinges) / 12)


def test_one_video_has_nothing_to_be_told_from() -> None:
    own, contrast = retrospective_losses(torch.ones(1, 4), torch.zeros(1, 4), 1.0)
    assert (float(own), float(contrast)) == (1.0, 0.0)


def test_the_first_candidate_is_nearest_to_what_is_generated() -> None:
    network = small_seq2seq().eval()
    table = shot_table(12, feature_dim=20)
    [best, *others] = ReSeq2Seq(network, "test").rank(table, seed=0)
    with torch.inference_mode():
        shots = network.projection(torch.from_numpy(table.features))
        distances = torch.cdist(network.generate(shots), shots)
    cost = sum(float(distances[i, int(start_s)]) for i, start_s in enumerate(best.starts_s))
    assert best.score == pytest.approx(-cost, abs=1e-5)
    assert all(best.score >= other.score for other in others)
