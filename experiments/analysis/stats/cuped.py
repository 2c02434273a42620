"""Variance reduction with what was known of the videos before the experiment (CUPED).

Deng, Xu, Kohavi & Walker (2013) in the regression form of Lin (2013): each arm's ratios are
regressed on the centred covariates with slopes of its own, and the arm mean is read off at the
covariates' mean. The estimate keeps its meaning: only noise that the covariates explain is taken
out.

Where whole videos are assigned this removes most of the variance. Where every video carries every
arm the block has already removed it: differences within videos owe nothing to the videos' base
rates, and covariates help only when they are known for a larger catalogue of which the
experiment's videos are a sample (two-phase regression estimator, Cochran 1977, section 12.6).
"""

from dataclasses import dataclass

import numpy as np
import statsmodels.api as sm
from numpy.typing import ArrayLike

from experiments.analysis.stats.contrast import contrast
from experiments.analysis.stats.errors import DesignError, InputError
from experiments.analysis.stats.records import CONTROL, FloatArray, ratio_or_nan
from experiments.analysis.stats.results import ArmMeans, Method

LEAST_DF = 10  # below it coverage is 87 to 93 % where click rates have a long tail


@dataclass(frozen=True, slots=True, eq=False)
class Adjusted:
    """Arm means after and before adjustment.

    Attributes:
        means: adjusted, ready for `compare`.
        unadjusted: as they were.
        variance_removed: share of the variance of each arm's difference from control that went,
            by arm key; negative where the covariates only cost degrees of freedom.
        imputed: videos with a missing covariate (set to the mean, with an indicator beside).
    """

    means: ArmMeans
    unadjusted: ArmMeans
    variance_removed: dict[str, float]
    imputed: int


def adjust_between(means: ArmMeans, ratios: FloatArray, covariates: ArrayLike) -> Adjusted:
    """Adjust arms that are independent samples of videos.

    Args:
        means: of between_means (or pooled_means with Welch) over the same ratios.
        ratios: (V, K), nan in the arms that a video is not in.
        covariates: pre-period CTR and whatever else is known before, (V,) or (V, P); nan where
            not known.

    Raises:
        DesignError: if the means are of another design.
        InputError: if the covariates do not fit the videos, or there are too few videos, or few
            of them decide.
    """
    if means.method is not Method.WELCH:
        raise DesignError(
            f"means.method == {means.method.value!r}, must be {Method.WELCH.value!r}: videos that "
            "carry every arm are adjusted by adjust_paired, with a catalogue"
        )
    x, imputed = _centred(covariates, ratios.shape[0], None)
    fits = [_fit_arm(name, ratios[:, k], x) for k, name in enumerate(means.arms)]
    df = [_df(name, x[~np.isnan(ratios[:, k])]) for k, name in enumerate(means.arms)]
    slopes = np.array([fit.params[1:] for fit in fits])  # (K, P)
    # The covariates' mean is itself of a sample of videos: Lin (2013) without this last term is
    # for these videos only.
    shared = slopes @ np.atleast_2d(np.cov(x, rowvar=False)) @ slopes.T / x.shape[0]
    own = np.diag([fit.cov_HC2[0, 0] for fit in fits])
    return _adjusted(
        means,
        np.array([fit.params[0] for fit in fits]),
        own + shared,
        np.array(df),
        imputed,
    )


def adjust_paired(
    means: ArmMeans, ratios: FloatArray, covariates: ArrayLike, catalogue: ArrayLike
) -> Adjusted:
    """Adjust arms that share their videos to the catalogue that the videos are a sample of.

    Args:
        means: of paired_means over the same ratios.
        ratios: (V, K), no nan.
        covariates: of the experiment's videos, (V,) or (V, P).
        catalogue: of all N videos that the result is meant for, (N,) or (N, P).

    Raises:
        DesignError: if the means are of another design.
        InputError: if the covariates do not fit the videos, or there are too few videos.
    """
    if means.method is not Method.PAIRED_BY_VIDEO:
        raise DesignError(
            f"means.method == {means.method.value!r}, must be {Method.PAIRED_BY_VIDEO.value!r}"
        )
    whole = _columns(catalogue)
    x, imputed = _centred(covariates, ratios.shape[0], whole)
    fits = [_fit_arm(name, ratios[:, k], x) for k, name in enumerate(means.arms)]
    slopes = np.array([fit.params[1:] for fit in fits])
    # HC2 for the K regressions at once: rows of residuals over the root of 1 - leverage.
    design = sm.add_constant(x, has_constant="add")
    pull = np.linalg.pinv(design)[0]  # intercept = pull @ ratios
    leverage = np.einsum("vp,pv->v", design, np.linalg.pinv(design))
    residuals = np.column_stack([fit.resid for fit in fits]) / np.sqrt(1 - leverage)[:, None]
    own = (pull[:, None] * residuals).T @ (pull[:, None] * residuals)
    spread = np.atleast_2d(np.cov(_filled(whole, whole)[0], rowvar=False))
    covariance = own + slopes @ spread @ slopes.T / whole.shape[0]
    intercepts = np.array([fit.params[0] for fit in fits])
    return _adjusted(means, intercepts, covariance, _df(means.arms[0], x), imputed)


def _adjusted(
    before: ArmMeans,
    values: FloatArray,
    covariance: FloatArray,
    df: FloatArray | float,
    imputed: int,
) -> Adjusted:
    after = ArmMeans(
        arms=before.arms,
        means=values,
        terms=(("videos, covariates removed", covariance),),
        df=np.full(len(before.arms), df, dtype=np.float64),
        videos=before.videos,
        events=before.events,
        method=before.method,
        reason=before.reason,
    )
    removed = {
        arm: 1 - (_error(after, k) / _error(before, k)) ** 2
        for k, arm in enumerate(before.arms)
        if k != CONTROL
    }
    return Adjusted(after, before, removed, imputed)


def _error(means: ArmMeans, arm: int) -> float:
    return contrast(means, arm, CONTROL).standard_error


def _fit_arm(name: str, values: FloatArray, x: FloatArray) -> sm.regression.linear_model.OLSResults:
    known = ~np.isnan(values)
    if known.sum() < x.shape[1] + 3:
        raise InputError(
            f"arm {name!r} has {known.sum()} videos, must have at least {x.shape[1] + 3} for "
            f"{x.shape[1]} covariates"
        )
    return sm.OLS(values[known], sm.add_constant(x[known], has_constant="add")).fit()


def _df(name: str, x: FloatArray) -> float:
    """Return the degrees of freedom of the HC2 variance of an arm's mean at x = 0.

    Bell & McCaffrey (2002), as Imbens & Kolesár (2016) advise: below the number of videos where
    few of them decide the line, for an arm is small or the covariates have a long tail.

    Raises:
        InputError: where they are fewer than LEAST_DF.
    """
    design = sm.add_constant(x, has_constant="add")
    basis, pull = np.linalg.qr(design)[0], np.linalg.pinv(design)[0]
    leverage = (basis**2).sum(axis=1)
    weight = np.nan_to_num(ratio_or_nan(pull**2, np.maximum(1 - leverage, 0)))
    crossed = (basis.T * weight) @ basis
    df = (pull**2).sum() ** 2 / (np.sum(weight**2 * (1 - 2 * leverage)) + np.sum(crossed**2))
    if df < LEAST_DF:
        raise InputError(
            f"arm {name!r} has {len(x)} videos that tell as much as {df:.0f}, must be {LEAST_DF}: "
            "take more videos, or the logarithm of covariates with a long tail"
        )
    return float(df)


def _centred(
    covariates: ArrayLike, videos: int, catalogue: FloatArray | None
) -> tuple[FloatArray, int]:
    """Return covariates with missing ones filled, minus the catalogue's mean, (V, P')."""
    given = _columns(covariates)
    if given.shape[0] != videos:
        raise InputError(f"covariates are of {given.shape[0]} videos, must be of {videos}")
    whole = given if catalogue is None else catalogue
    if whole.shape[1] != given.shape[1]:
        raise InputError(f"catalogue has {whole.shape[1]} covariates, must have {given.shape[1]}")
    filled, missing = _filled(given, whole)
    centre = _filled(whole, whole)[0].mean(axis=0)
    x = filled - centre
    keep = x.std(axis=0) > 0  # a constant column explains nothing
    return x[:, keep], int(missing)


def _columns(covariates: ArrayLike) -> FloatArray:
    given = np.asarray(covariates, dtype=np.float64)
    if np.isinf(given).any():
        raise InputError("covariates hold inf, must be finite, or nan where not known")
    return given[:, None] if given.ndim == 1 else given


def _filled(given: FloatArray, whole: FloatArray) -> tuple[FloatArray, int]:
    """Return the covariates with nan set to the mean, and indicators of what was missing."""
    missing = np.isnan(given)
    indicated = np.isnan(whole).any(axis=0)
    means = np.array([column[~np.isnan(column)].mean() for column in whole.T])
    filled = np.column_stack([np.where(missing, means, given), missing[:, indicated]])
    return filled, int(missing.any(axis=1).sum())
