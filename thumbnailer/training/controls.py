"""Controls that catch a network which does not look at the video.

One that chooses as well by the embedding and z of another video does not choose by its own. What is
compared are its draws, not the GIF that it would publish: Eq. 10 finds a GIF that the video has,
whatever was generated.

Shapes: V videos, L draws, n shots of a video, d projected features.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import ttest_1samp
from torch import Tensor

from thumbnailer.selection.gevaden import GevadenNetwork
from thumbnailer.selection.parts.matching import distances_to, match
from thumbnailer.selection.parts.networks import Projection
from thumbnailer.selection.re_seq2seq import ReSeq2SeqNetwork
from thumbnailer.training.data import LabelledVideo
from thumbnailer.training.intervals import LEVEL, Interval
from thumbnailer.training.ridge import Interest, interest_score

SEED = 0
DRAWS = 128
AT_ONCE = 1000  # draws generated together: 6 MB of states
Generating = GevadenNetwork | ReSeq2SeqNetwork


@dataclass(frozen=True, slots=True)
class SwapTest:
    """Draws of a network for some videos, by each one's own condition and by the others'.

    Attributes:
        own: (V,) mean PS of the draws of each video.
        swapped: (V,) the same, of draws by the embedding and z of each other video.
    """

    own: NDArray[np.float64]
    swapped: NDArray[np.float64]

    @property
    def difference(self) -> Interval:
        """Own minus swapped, by Student's t: of ten videos a bootstrap's interval is too short."""
        found = ttest_1samp(self.own - self.swapped, 0.0)
        between = found.confidence_interval(LEVEL)
        return Interval(
            float((self.own - self.swapped).mean()), float(between.low), float(between.high)
        )


@torch.inference_mode()
def swap_test(network: Generating, videos: Sequence[LabelledVideo]) -> SwapTest:
    """Give the network every video's condition for every video, V >= 2 of them."""
    shots = [network.projection.of(video.features) for video in videos]
    generated = [generated_gifs(network, each, DRAWS) for each in shots]
    scores = np.asarray(
        [
            [draws_score(video, of_video, gifs) for gifs in generated]
            for video, of_video in zip(videos, shots, strict=True)
        ]
    )  # (V, V): for whom, by whose condition
    own = scores.diagonal()
    return SwapTest(own, (scores.sum(axis=1) - own) / (len(videos) - 1))


def generated_gifs(network: Generating, shots: Tensor, draws: int) -> Tensor:
    """Generate GIFs from a video's (n, d) shots: (L, 3, d), L = 1 where nothing is drawn."""
    network.eval()
    if isinstance(network, ReSeq2SeqNetwork):
        return network.generate(shots)[None]
    generator = torch.Generator().manual_seed(SEED)
    blocks = [min(AT_ONCE, draws - at) for at in range(0, draws, AT_ONCE)]
    return torch.cat([network.sample_gifs(shots, block, generator) for block in blocks])


def draws_score(video: LabelledVideo, shots: Tensor, generated: Tensor) -> float:
    """Return the mean PS of the video's GIFs that (L, 3, d) generated ones stand for (Eq. 4)."""
    choice = shots[torch.from_numpy(video.eligible)]
    matched = [
        match(distances_to(block, choice)).shots[:, 0] for block in torch.split(generated, AT_ONCE)
    ]
    drawn = video.eligible[torch.cat(matched).numpy()]
    return float(video.counts[drawn].sum(axis=1).mean() / video.counts.max())


def best_column(projection: Projection, videos: Sequence[LabelledVideo]) -> Interest:
    """Return the input column beside that of interest that alone scores the highest PS.

    A column may count the other way round, too.
    """
    columns = range(1, projection.matrix.shape[1])
    interests = [column_interest(projection, at, sign) for at in columns for sign in (1.0, -1.0)]
    scores = [
        np.mean([interest_score(video, interest) for video in videos]) for interest in interests
    ]
    return interests[int(np.argmax(scores))]


def column_interest(projection: Projection, column: int, sign: float = 1.0) -> Interest:
    """Return how one input column of the networks alone scores shots."""

    @torch.inference_mode()
    def interest(video: LabelledVideo) -> NDArray[np.float64]:
        return np.asarray(sign * projection.of(video.features)[:, column].double().numpy())

    return interest
