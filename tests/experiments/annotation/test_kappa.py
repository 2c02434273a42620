import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa as reference

from experiments.annotation.kappa import cohens_kappa

tables = st.lists(st.integers(0, 30), min_size=4, max_size=4)


def answers(yes_yes: int, yes_no: int, no_yes: int, no_no: int) -> tuple[np.ndarray, np.ndarray]:
    one = [True] * (yes_yes + yes_no) + [False] * (no_yes + no_no)
    other = [True] * yes_yes + [False] * yes_no + [True] * no_yes + [False] * no_no
    return np.asarray(one, bool), np.asarray(other, bool)


@pytest.mark.parametrize(
    ("table", "kappa"),
    [
        ((20, 5, 10, 15), 0.4),  # the textbook example: p_o = 0.7, p_e = 0.5
        ((45, 15, 25, 15), 0.1304),
        ((25, 35, 5, 35), 0.2593),
        ((0, 10, 10, 0), -1.0),
        ((25, 25, 25, 25), 0.0),
    ],
)
def test_textbook_values(table: tuple[int, int, int, int], kappa: float) -> None:
    assert cohens_kappa(*answers(*table)).value == pytest.approx(kappa, abs=5e-5)


@given(tables.filter(lambda t: sum(count > 0 for count in t) >= 3))
def test_value_and_interval_are_those_of_statsmodels(table: list[int]) -> None:
    yes_yes, yes_no, no_yes, no_no = table
    wanted = reference(np.asarray([[no_no, no_yes], [yes_no, yes_yes]]))
    found = cohens_kappa(*answers(*table))
    assert found.value == pytest.approx(wanted.kappa, abs=1e-12)
    assert found.low == pytest.approx(max(-1, wanted.kappa_low), abs=1e-9)
    assert found.high == pytest.approx(min(1, wanted.kappa_upp), abs=1e-9)
    assert found.reason == ""


@given(tables.filter(any))
def test_who_comes_first_does_not_matter(table: list[int]) -> None:
    one, other = answers(*table)
    found, mirrored = cohens_kappa(one, other), cohens_kappa(other, one)
    assert (found.value, found.low) == pytest.approx((mirrored.value, mirrored.low), nan_ok=True)


@pytest.mark.parametrize(
    ("table", "value", "reason"),
    [
        ((0, 0, 0, 0), np.nan, "nothing was judged by both"),
        ((9, 0, 0, 0), np.nan, "both gave one and the same answer always"),
        ((5, 4, 0, 0), 0.0, "its variance is estimated as 0"),
        ((5, 0, 0, 4), 1.0, "its variance is estimated as 0"),
    ],
)
def test_what_is_undefined_says_why(
    table: tuple[int, int, int, int], value: float, reason: str
) -> None:
    found = cohens_kappa(*answers(*table))
    assert found.value == pytest.approx(value, nan_ok=True)
    assert np.isnan(found.low)
    assert found.reason == reason


def test_answers_to_different_items_are_refused() -> None:
    with pytest.raises(ValueError, match=r"one.shape == \(2,\), other.shape == \(3,\)"):
        cohens_kappa(np.ones(2, bool), np.ones(3, bool))
