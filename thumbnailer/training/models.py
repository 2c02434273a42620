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
        title: what it is called in tables.
        finish: fits what is left to fit on the validation videos after training; None for nothing.
    """

    config: NetworkConfig
    network: Callable[[Any], Any]
    selector: Callable[[Any, str], Selector]
    title: str
    finish: Callable[[Any, Sequence[LabelledVideo]], None] | None = None


def _gevaden(title: str, **settings: Any) -> Recipe:
    # Narrower than the paper's, which validation finds as good (docs/models/gevaden.md).
    config = gevaden.GevadenConfig(video_dim=128, gif_dim=64, **settings)
    return Recipe(config, gevaden.GevadenNetwork, gevaden.Gevaden, title, fit_temperature)


# In the order of tables.
RECIPES: dict[str, Recipe] = {
    ranknet.KIND: Recipe(
        ranknet.RankNetConfig(), ranknet.RankNetNetwork, ranknet.RankNet, "RankNet"
    ),
    re_seq2seq.KIND: Recipe(
        re_seq2seq.ReSeq2SeqConfig(),
        re_seq2seq.ReSeq2SeqNetwork,
        re_seq2seq.ReSeq2Seq,
        "re-SEQ2SEQ",
    ),
    # The paper's two ablations (Table 2), and its model.
    "gevaden_fixed_prior": _gevaden("GEVADEN, fixed prior", fixed_prior=True),
    "gevaden_no_perceptual_loss": _gevaden("GEVADEN, λ = 0", perceptual_weight=0.0),
    gevaden.KIND: _gevaden("GEVADEN, λ = λ*"),
}
