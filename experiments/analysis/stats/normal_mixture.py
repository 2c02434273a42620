"""Robbins' normal mixture: a bound on |Z| that holds at every look at once, however often.

A mean difference with standard error s carries information I = 1 / s². Under the asymptotic
Gaussian approximation of its path, the mixture over N(0, ρ²) gives the band of Waudby-Smith,
Arbour, Sinha, Kennedy & Ramdas (arXiv 2103.06476, eq. 6), with t σ̂⁻² read as I:

    |difference - truth| <= sqrt( 2 (I ρ² + 1) / (I² ρ²) · log( sqrt(I ρ² + 1) / α ) )

and its always-valid p-value 1 / mixture = sqrt(I ρ² + 1) exp( -ρ² Z² I / (2 (I ρ² + 1)) ). Both
know I and ρ² by their product x alone. The random effects of videos keep the path's increments
independent: they are in the first look's difference and stay.
"""

import numpy as np
import scipy


def mixture_critical(x: float, alpha: float) -> float:
    """Return the |Z| at the edge of the band; x is I ρ²."""
    return float(np.sqrt(2 * (x + 1) / x * (np.log1p(x) / 2 - np.log(alpha))))


def mixture_p_value(z: float, x: float) -> float:
    """Return min(1, 1 / mixture likelihood ratio): an always-valid p-value; x is I ρ²."""
    log_p = np.log1p(x) / 2 - x * z * z / (2 * (x + 1))
    return float(np.clip(np.exp(log_p), np.finfo(np.float64).tiny, 1.0))


def tightest(alpha: float) -> float:
    """Return the I ρ² at which the band is as tight as it can be.

    Waudby-Smith et al., appendix B.2: ρ² I = -W₋₁(-α² / e) - 1.
    """
    return float(-scipy.special.lambertw(-(alpha**2) / np.e, k=-1).real - 1)
