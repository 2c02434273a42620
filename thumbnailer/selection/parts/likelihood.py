"""How likely a triple of shots is, averaged over draws of the latent z (Eq. 10)."""

from torch import Tensor


def average_likelihoods(distances: Tensor, triples: Tensor, temperature: Tensor) -> Tensor:
    """Return (1/L) Σ_l Π_i p(y_i | z_l) for each triple: (K,).

    p is a softmax over the shots of -‖g_i - x_j‖ / T: the paper does not say its density, and a
    normal one would be ruled by the luckiest draw.

    Args:
        distances: (L, 3, m) from each draw's generated features to the shots.
        triples: (K, 3) int64 shots.
        temperature: T, a scalar > 0.
    """
    probabilities = (-distances / temperature).softmax(dim=2)  # (L, 3, m)
    first, second, third = (probabilities[:, i, triples[:, i]] for i in range(3))  # (L, K) each
    return (first * second * third).mean(dim=0)
