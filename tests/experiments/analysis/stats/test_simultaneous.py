import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.paired_t import paired_means
from experiments.analysis.stats.results import ArmMeans, Method
from experiments.analysis.stats.simultaneous import contrast_correlation, holm, max_t

from .cast import ARMS, MANY, draw_counts

# Two-sided Dunnett, level 0.95, correlation 1/2: critical values for 2, 3 and 4 comparisons with
# 20 and 60 degrees of freedom. C. W. Dunnett, Biometrics 20 (1964), 482-491, table II, the exact
# one: his table of 1955, which SciPy's own tests quote (2.57 for 3 and 20), was inexact for more
# than two comparisons. The integral by another algorithm stands beside.
DUNNETT_1964 = [
    (2, 20, 2.38),
    (3, 20, 2.54),
    (4, 20, 2.65),
    (2, 60, 2.27),
    (3, 60, 2.41),
    (4, 60, 2.51),
]


@pytest.mark.parametrize(("comparisons", "df", "published"), DUNNETT_1964)
def test_critical_values_are_dunnetts(comparisons: int, df: float, published: float) -> None:
    correlation = np.full((comparisons, comparisons), 0.5) + 0.5 * np.eye(comparisons)
    critical = max_t(correlation, df).critical(0.95)
    assert critical == pytest.approx(published, abs=0.006)
    edges = np.full(comparisons, critical)
    joint = stats.multivariate_t(shape=correlation, df=df, seed=1)
    assert joint.cdf(edges, lower_limit=-edges) == pytest.approx(0.95, abs=2e-4)


# Sizes of the control and the other groups, statistics and two-sided p-values of Dunnett's test by
# R's multcomp (glht): samples 1 to 4 in scipy/stats/tests/test_multicomp.py.
MULTCOMP = [
    (
        (64, 15, 9, 3, 2, 1),
        (2.91270, 0.60831, 0.27002, 0.96637),
        (0.02237, 0.97913, 0.99953, 0.86583),
    ),
    ((6, 4, 5), (0.85703, 3.69375), (0.6201020, 0.0058254)),
    ((3, 3, 3, 3), (3.09073, 0.56195, -1.40488), (0.036407, 0.896539, 0.409295)),
    ((5, 4, 5), (0.90875, -0.05007), (0.58317, 0.99819)),
]


@pytest.mark.parametrize(("sizes", "statistics", "p_values"), MULTCOMP)
def test_p_values_are_those_of_multcomp(
    sizes: tuple[int, ...], statistics: tuple[float, ...], p_values: tuple[float, ...]
) -> None:
    control, *others = sizes
    share = np.array(others) / (np.array(others) + control)
    correlation = np.sqrt(np.outer(share, share))
    np.fill_diagonal(correlation, 1.0)
    joint = max_t(correlation, sum(sizes) - len(sizes))
    found = [joint.p_value(statistic) for statistic in statistics]
    assert found == pytest.approx(p_values, abs=1e-3)


@pytest.mark.parametrize("arms", [3, 4, 5])
def test_all_pairs_with_equal_variances_are_tukeys_studentised_range(arms: int) -> None:
    pairs = [(i, j) for j in range(arms) for i in range(j + 1, arms)]
    means = ArmMeans(
        arms=tuple("abcde"[:arms]),
        means=np.zeros(arms),
        terms=(("videos", np.eye(arms)),),
        df=np.full(arms, 30.0),
        videos=np.full(arms, 31),
        events=np.full(arms, 1000.0),
        method=Method.PAIRED_BY_VIDEO,
    )
    joint = max_t(contrast_correlation(means, tuple(pairs)), 30.0)
    tukey = stats.studentized_range.ppf(0.95, arms, 30) / np.sqrt(2)
    assert joint.critical(0.95) == pytest.approx(tukey, rel=2e-3)
    far = stats.studentized_range.sf(4.5 * np.sqrt(2), arms, 30)
    assert joint.p_value(4.5) == pytest.approx(far, rel=0.03)


def test_agrees_with_a_simulation_of_the_multivariate_t() -> None:
    correlation = np.array([[1.0, 0.7, -0.2], [0.7, 1.0, 0.1], [-0.2, 0.1, 1.0]])
    draws = stats.multivariate_t(shape=correlation, df=12, seed=4).rvs(400_000)
    simulated = np.mean(np.abs(draws).max(axis=1) > 2.3)
    assert max_t(correlation, 12).p_value(2.3) == pytest.approx(simulated, abs=0.002)


@pytest.mark.parametrize("alpha", [0.5, 0.05, 1e-3, 1e-7])
@pytest.mark.parametrize(("comparisons", "df"), [(2, 5.0), (8, 200.0), (19, 9000.0)])
def test_a_critical_value_is_exceeded_as_often_as_the_level_says(
    comparisons: int, df: float, alpha: float
) -> None:
    scores = np.random.default_rng(comparisons).normal(size=(comparisons, 30))
    joint = max_t(np.array(np.corrcoef(scores)), df)
    assert joint.p_value(joint.critical(1 - alpha)) == pytest.approx(alpha, rel=1e-8)


def test_one_comparison_needs_no_adjustment() -> None:
    alone = max_t(np.eye(1), 17)
    assert alone.critical(0.9) == pytest.approx(stats.t.ppf(0.95, 17))
    assert alone.p_value(-1.3) == pytest.approx(2 * stats.t.sf(1.3, 17))


def test_perfectly_correlated_comparisons_are_one() -> None:
    same = max_t(np.ones((2, 2)), 17)
    assert same.critical(0.95) == pytest.approx(stats.t.ppf(0.975, 17))


@pytest.mark.parametrize("seed", range(5))
def test_adjusted_p_values_and_intervals_agree(seed: int) -> None:
    means = paired_means(ARMS, draw_counts(seed, lifts=(1.0, 1.02, 1.1)).ctr, MANY)
    level = 0.95
    for c in compare(means, level=level):
        for shown in (c.simultaneous_difference, c.simultaneous_improvement):
            assert (c.p_value_adjusted < 1 - level) == (shown.low > 0 or shown.high < 0)
        assert c.p_value <= c.p_value_adjusted <= c.p_value * len(ARMS) + 1e-12
        assert c.significant == (c.p_value_adjusted < 0.05)
        assert c.simultaneous_difference.low < c.difference.low


def test_holm_is_that_of_statsmodels_and_skips_nan() -> None:
    p_values = np.array([0.01, np.nan, 0.04, 0.03])
    got = holm(p_values)
    assert np.isnan(got[1])
    np.testing.assert_allclose(got[[0, 2, 3]], multipletests([0.01, 0.04, 0.03], method="holm")[1])
    assert np.isnan(holm(np.array([np.nan]))).all()


def test_a_negative_two_way_variance_gives_way_to_the_next_term() -> None:
    means = ArmMeans(
        arms=ARMS,
        means=np.zeros(3),
        terms=(("viewers and videos", -np.eye(3)), ("videos", np.eye(3))),
        df=np.full(3, 30.0),
        videos=np.full(3, 31),
        events=MANY,
        method=Method.TWO_WAY,
    )
    correlation = contrast_correlation(means, ((1, 0), (2, 0)))
    np.testing.assert_allclose(correlation, [[1, 0.5], [0.5, 1]])
