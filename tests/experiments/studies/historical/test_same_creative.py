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


def test_each_group_has_the_chi_square_of_scipy() -> None:
    archive, _ = draw(Truth(tests=30, same=0.4), seed=1)
    found = same_creative(archive, all_of(archive))
    expected = []
    for test in range(archive.count):
        of = archive.test == test
        if (archive.creative[of] == 0).sum() > 1:
            rest = archive.impressions[of] - archive.clicks[of]
            table = np.stack([archive.clicks[of], rest])
            expected.append(stats.chi2_contingency(table, correction=False).pvalue)
    assert found.groups == len(expected)
    assert found.p_values == pytest.approx(expected)


def test_the_realised_rate_is_near_the_nominal_and_has_its_exact_interval() -> None:
    archive, _ = draw(Truth(tests=6000, same=0.5, spread=0.5), seed=2)
    found = same_creative(archive, all_of(archive))
    for rate in found.rates:
        chance = stats.binom(len(found.p_values), rate.nominal)
        assert chance.ppf(0.001) <= rate.rejected <= chance.isf(0.001)
        low, high = proportion_confint(rate.rejected, len(found.p_values), method="beta")
        assert (rate.realised.low, rate.realised.high) == pytest.approx((low, high))


def test_a_group_is_within_a_test_and_may_be_part_of_it() -> None:
    archive, _ = draw(Truth(tests=20, arms=3), seed=3)
    three = int(np.flatnonzero(np.bincount(archive.test) == 3)[0])
    creative = np.arange(len(archive.arms))
    creative[np.flatnonzero(archive.test == three)[:2]] = 7000
    found = same_creative(replace(archive, creative=creative), all_of(archive))
    assert found.groups == 1
    clicks = archive.clicks[archive.test == three][:2]
    rest = archive.impressions[archive.test == three][:2] - clicks
    expected = stats.chi2_contingency(np.stack([clicks, rest]), correction=False).pvalue
    assert found.p_values[0] == pytest.approx(expected)


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
    assert (found.groups, found.too_few, found.rates) == (20, 20, ())
    assert found.reason == "20 groups, all with too few clicks to test"


def test_without_a_creative_there_is_nothing_to_say() -> None:
    archive, _ = draw(Truth(tests=20), seed=3)
    unknown = replace(archive, creative=np.full(len(archive.arms), -1))
    assert "--creative" in same_creative(unknown, all_of(archive)).reason
