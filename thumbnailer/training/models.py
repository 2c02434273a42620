"""Recipes of the models that are trained by gradients, by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from thumbnailer.selection import gevaden, ranknet, re_seq2seq
from thumbnailer.selection.parts.base import Selector
from thumbnailer.selection.parts.networks import NetworkConfig
from thumbnailer.training.data import LabelledVideo
from thumbnailer.training.temperature import fit_temperature


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one model is made, judged and finished.

    Attributes:
        config: its tuned configuration.
        network: builds the untrained network: a torch module with a ``projection``, and with
            ``losses(batch, generator)`` that returns "total", which is minimised, and its parts.
        selector: wraps a network for choosing, under a version's name.
        finish: fits what is left to fit on the validation videos after training.
    """

    config: NetworkConfig
    network: Callable[[Any], Any]
    selector: Callable[[Any, str], Selector]
    finish: Callable[[Any, Sequence[LabelledVideo]], None]


def _nothing(network: object, videos: Sequence[LabelledVideo]) -> None:
    del network, videos


def _gevaden(config: gevaden.GevadenConfig) -> Recipe:
    return Recipe(
        config=config,
        network=gevaden.GevadenNetwork,
        selector=gevaden.Gevaden,
        finish=fit_temperature,
    )


RECIPES: dict[str, Recipe] = {
    re_seq2seq.KIND: Recipe(
        config=re_seq2seq.ReSeq2SeqConfig(),
        network=re_seq2seq.ReSeq2SeqNetwork,
        selector=re_seq2seq.ReSeq2Seq,
        finish=_nothing,
    ),
    ranknet.KIND: Recipe(
        config=ranknet.RankNetConfig(),
        network=ranknet.RankNetNetwork,
        selector=ranknet.RankNet,
        finish=_nothing,
    ),
    gevaden.KIND: _gevaden(gevaden.GevadenConfig()),
    # The paper's two ablations (Table 2).
    "gevaden_no_perceptual_loss": _gevaden(gevaden.GevadenConfig(perceptual_weight=0.0)),
    "gevaden_fixed_prior": _gevaden(gevaden.GevadenConfig(fixed_prior=True)),
}
