"""Features with the habits of real ones: scenes of some seconds, not negative, an offset shared."""

import torch
from torch import Tensor

SCENE_S = 6
NOISE = 0.4  # of a shot, in standard deviations of a scene


def made_up_features(shots: int, dimension: int, seed: int) -> Tensor:
    """Return (n, d) float32 features of one-second shots."""
    generator = torch.Generator().manual_seed(seed)
    cuts = torch.rand(shots, generator=generator) < 1 / SCENE_S
    scene = cuts.long().cumsum(dim=0)
    scenes = torch.randn(int(scene[-1]) + 1, dimension, generator=generator)
    offset = torch.randn(dimension, generator=generator)
    noise = NOISE * torch.randn(shots, dimension, generator=generator)
    return (offset + scenes[scene] + noise).relu()
