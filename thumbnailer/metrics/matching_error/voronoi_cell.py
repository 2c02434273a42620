"""The features that a target shot is nearest to, as a polyhedron in Gram space.

With a_j = x_j - x_y the constraint of Eq. 8, ‖g + v - x_y‖ <= ‖g + v - x_j‖, is the half-space

    a_j·v <= c_j = ½ (‖x_j‖² - ‖x_y‖²) - (g·x_j - g·x_y),

so that a sample enters by its n inner products with the shots alone. Both sides are divided by
‖a_j‖, to make the normals unit vectors, and by ‖g - x_y‖, to make the least ‖v‖ the error itself.

Shapes: n shots, d feature dimensions, B samples.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from thumbnailer.metrics.matching_error import active_set, lockstep
from thumbnailer.metrics.matching_error.products import Products
from thumbnailer.metrics.matching_error.shots import Shots

# ‖a_j‖² in units of the largest ‖x_j‖², centred. Nearer than the first, differences of the Gram
# matrix's entries have lost digits. Nearer than the second, shots are the same picture, from which
# no generated feature can tell the target: no constraint.
NEAR = 1e-4
SAME_PICTURE = 1e-12


@dataclass(frozen=True, slots=True)
class VoronoiCell:
    """The Voronoi cell of one shot.

    Attributes:
        target: y.
        squared_norm: ‖x_y‖².
        cosines: (n, n) between the normals; rows of zeros for the target and what equals it.
        half_gaps: (n,) ½ (‖x_j‖² - ‖x_y‖²).
        inverse_norms: (n,) 1 / ‖a_j‖; 0 for the target and what equals it.
    """

    target: int
    squared_norm: Tensor
    cosines: Tensor
    half_gaps: Tensor
    inverse_norms: Tensor

    def errors(self, products: Products) -> Tensor:
        """Return (B,) PME of each sample (Eq. 8); nan where the projection found no answer.

        A sample on the target itself (0/0) has error 0.
        """
        on_cpu = products.inner.device.type == "cpu"
        distances = active_set.distances if on_cpu else lockstep.distances
        return distances(self.cosines, self.offsets(products)).clamp_max(1.0)

    def offsets(self, products: Products) -> Tensor:
        """Return (B, n) c_j / (‖a_j‖ ‖g - x_y‖)."""
        inner = products.inner[:, self.target]  # (B,)
        squared = products.squared_norms - 2 * inner + self.squared_norm
        lengths = squared.clamp_min(torch.finfo(squared.dtype).tiny).sqrt()  # (B,) ‖g - x_y‖
        offsets = self.half_gaps - products.inner
        return offsets.add_(inner[:, None]).mul_(self.inverse_norms).div_(lengths[:, None])


def voronoi_cell(shots: Shots, target: int) -> VoronoiCell:
    """Return the cell of the shot in this row, 0 <= target < n."""
    gram = _normals_gram(shots, target)
    squared_norms = shots.gram.diagonal()
    distinct = gram.diagonal() > SAME_PICTURE * squared_norms.max()
    inverse_norms = torch.where(distinct, gram.diagonal().rsqrt(), 0.0)
    return VoronoiCell(
        target=target,
        squared_norm=squared_norms[target],
        cosines=gram * inverse_norms * inverse_norms[:, None],
        half_gaps=(squared_norms - squared_norms[target]) / 2,
        inverse_norms=inverse_norms,
    )


def _normals_gram(shots: Shots, target: int) -> Tensor:
    """Return (n, n) a_j·a_k, from the video's Gram matrix where that has digits enough."""
    row = shots.gram[target]
    gram = shots.gram - row - row[:, None] + row[target]
    near = gram.diagonal() < NEAR * shots.gram.diagonal().max()
    normals = shots.centred - shots.centred[target]  # (n, d) a_j
    gram[near] = normals[near] @ normals.T
    gram[:, near] = gram[near].T
    return gram
