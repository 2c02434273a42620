"""What catches a network that does not look at the video, and what the shipped ones show."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.thumbnailer.selection.tables import SMALL_GEVADEN, SMALL_SEQ2SEQ
from tests.thumbnailer.training.made_up import FEATURE_DIM, write_tvsum
from thumbnailer.selection import gevaden, re_seq2seq
from thumbnailer.selection.gevaden import GevadenNetwork
from thumbnailer.selection.parts.card import caution
from thumbnailer.selection.parts.checkpoint import SHIPPED, load_shipped
from thumbnailer.selection.parts.networks import Projection
from thumbnailer.selection.re_seq2seq import ReSeq2SeqNetwork
from thumbnailer.training.controls import SwapTest, best_column, column_interest, swap_test
from thumbnailer.training.data import LabelledVideo, split_by_fold
from thumbnailer.training.ridge import interest_score
from thumbnailer.training.tvsum import load_tvsum

STATED = re.compile(r"^\| own and swapped \| ([\d.]+) .* ([\d.]+) by", re.MULTILINE)
COLUMN = re.compile(r"^\| column of interest alone \| ([\d.]+)", re.MULTILINE)


def videos(folder: Path) -> tuple[LabelledVideo, ...]:
    return load_tvsum(write_tvsum(folder, videos=4))


@pytest.mark.parametrize(
    ("network_type", "config"),
    [(GevadenNetwork, SMALL_GEVADEN), (ReSeq2SeqNetwork, SMALL_SEQ2SEQ)],
)
def test_a_network_that_cannot_see_the_video_is_caught(
    tmp_path: Path, network_type: Callable[[Any], Any], config: Any
) -> None:
    torch.manual_seed(0)
    network = network_type(replace(config, feature_dim=FEATURE_DIM))
    network.projection.matrix.normal_()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter)
    seeing = swap_test(network, videos(tmp_path))
    assert np.abs(seeing.own - seeing.swapped).max() > 0
    for parameter in network.video_encoder.parameters():
        torch.nn.init.zeros_(parameter)
    blind = swap_test(network, videos(tmp_path))
    np.testing.assert_allclose(blind.own, blind.swapped)
    assert not blind.difference.low > 0


def test_to_lose_by_a_swap_is_to_depend_on_the_video() -> None:
    own, noise = np.full(10, 1.5), np.random.default_rng(0).normal(scale=0.1, size=10)
    assert SwapTest(own, own - 0.3 + noise).difference.low > 0
    assert SwapTest(own, own - 0.01 + noise).difference.low < 0
    assert SwapTest(own, own + 0.3 + noise).difference.high < 0


def test_the_best_column_is_the_one_that_tells_what_people_like(tmp_path: Path) -> None:
    projection = Projection(replace(SMALL_GEVADEN, feature_dim=FEATURE_DIM, shot_dim=3))
    projection.matrix[7, 0] = projection.matrix[9, 1] = 1.0
    projection.matrix[
        5, 2
    ] = -1.0  # the data set's feature 5 is what people like, here the other way
    of = videos(tmp_path)
    found = best_column(projection, of)
    wanted = column_interest(projection, 2, -1.0)
    np.testing.assert_allclose(found(of[0]), wanted(of[0]))
    assert (
        interest_score(of[0], found) > interest_score(of[0], column_interest(projection, 0)) + 0.5
    )


@pytest.mark.parametrize(
    ("kind", "config_type", "network_type"),
    [
        (gevaden.KIND, gevaden.GevadenConfig, GevadenNetwork),
        (re_seq2seq.KIND, re_seq2seq.ReSeq2SeqConfig, ReSeq2SeqNetwork),
    ],
)
def test_shipped_weights_say_whether_they_look_at_the_video(
    shared_data: Path, kind: str, config_type: type, network_type: Callable[[Any], Any]
) -> None:
    """The card's figures are measured anew, on the videos that the weights have not seen."""
    held_out = split_by_fold(load_tvsum(shared_data / "tvsum"), 0).test
    network = load_shipped(kind).restore(config_type, network_type)
    found = swap_test(network, held_out)
    card = (SHIPPED / f"{kind}.md").read_text(encoding="utf-8")
    stated, column = STATED.search(card), COLUMN.search(card)
    assert stated is not None
    assert column is not None
    interest = column_interest(network.projection, 0)
    alone = np.mean([interest_score(video, interest) for video in held_out])
    assert alone == pytest.approx(float(column[1]), abs=0.01)
    measured = (found.own.mean(), found.swapped.mean())
    assert measured == pytest.approx([float(figure) for figure in stated.groups()], abs=0.01)
    assert bool(caution(kind)) == (found.difference.low <= 0)
