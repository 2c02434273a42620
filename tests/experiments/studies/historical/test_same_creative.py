"""Arms of one test that show the same: a true null found in the data."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from experiments.studies.historical.records import Archive
from experiments.studies.historical.same_creative import same_creative
from tests.experiments.studies.historical.made_up import Truth, draw


def all_of(archive: Archive) -> np.ndarray:
    return np.ones(archive.count, dtype=bool)


def test_groups_are_found_and_each_tested_once() -> None:
    archive, _ = draw(Truth(tests=30, same=0.4), seed=1)
    found = same_creative(archive, all_of(archive))
    p_values = []
    for test in range(archive.count):
        of = archive.test == test
        if (archive.creative[of] == 0).sum() > 1:
            rest = archive.impressions[of] - archive.clicks[of]
            table = np.stack([archive.clicks[of], rest])
            p_values.append(stats.chi2_contingency(table, correction=False).pvalue)
    assert found.groups == len(p_values)
    assert found.rates[0].tested == len(p_values)
    assert found.rates[0].rejected == sum(p < 0.05 for p in p_values)


def test_the_realised_rate_is_near_the_nominal_and_has_its_exact_interval() -> None:
    archive, _ = draw(Truth(tests=6000, same=0.5, spread=0.5), seed=2)
    found = same_creative(archive, all_of(archive))
    for rate in (*found.rates, *found.pair_rates):
        chance = stats.binom(rate.tested, rate.nominal)
        assert chance.ppf(0.001) <= rate.rejected <= chance.isf(0.001)
        low, high = proportion_confint(rate.rejected, rate.tested, method="beta")
        assert (rate.realised.low, rate.realised.high) == pytest.approx((low, high))
    assert found.dispersion.low < 1 < found.dispersion.high


def test_each_arm_is_in_one_pair_at_most() -> None:
    archive, _ = draw(Truth(tests=400, same=1.0, arms=5), seed=3)
    found = same_creative(archive, all_of(archive))
    sizes = np.bincount(archive.test)
    assert found.pair_rates[0].tested == (sizes // 2).sum()


def test_noise_above_a_binomials_is_seen() -> None:
    """As in real archives: 11.5 % of pairs called different at a nominal 5 %."""
    archive, _ = draw(Truth(tests=4000, same=1.0, arms=2), seed=4)
    rng = np.random.default_rng(4)
    rate, n = archive.clicks / archive.impressions, archive.impressions
    rate = np.maximum(np.repeat(rate[::2], 2), 0.004)
    clicks = rng.binomial(n, rng.beta(rate * (n - 1.6) / 0.6, (1 - rate) * (n - 1.6) / 0.6))
    found = same_creative(replace(archive, clicks=clicks), all_of(archive))
    assert found.dispersion.value == pytest.approx(1.6, abs=0.1)
    expected = 2 * stats.norm.sf(1.96 / np.sqrt(1.6))
    assert found.pair_rates[0].realised.value == pytest.approx(expected, abs=0.02)


def test_a_group_is_within_a_test_and_may_be_part_of_it() -> None:
    archive, _ = draw(Truth(tests=20, arms=3), seed=3)
    three = int(np.flatnonzero(np.bincount(archive.test) == 3)[0])
    creative = np.arange(len(archive.arms))
    creative[np.flatnonzero(archive.test == three)[:2]] = 7000
    found = same_creative(replace(archive, creative=creative), all_of(archive))
    assert (found.groups, found.pair_rates[0].tested) == (1, 1)


def test_tests_that_are_not_trusted_are_left_out() -> None:
    archive, _ = draw(Truth(tests=20, same=1.0), seed=3)
    trusted = np.arange(20) < 5
    assert same_creative(archive, trusted).groups == 5
    found = same_creative(archive, ~all_of(archive))
    assert found.reason == "no trusted test has two arms with the same creative"


def test_too_few_clicks_are_not_tested() -> None:
    archive, _ = draw(Truth(tests=20, same=1.0), seed=3)
    none = replace(archive, clicks=np.zeros_like(archive.clicks))
    found = same_creative(none, all_of(archive))
    assert (found.groups, found.too_few, found.rates, found.pair_rates) == (20, 20, (), ())
    assert found.reason == "20 groups, all with too few clicks to test"


def test_without_a_creative_there_is_nothing_to_say() -> None:
    archive, _ = draw(Truth(tests=20), seed=3)
    unknown = replace(archive, creative=np.full(len(archive.arms), -1))
    found = same_creative(unknown, all_of(archive))
    assert found.reason == "no column is named for what the arms showed (creative)"
