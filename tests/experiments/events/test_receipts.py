"""What became of events: by reason for the client, by experiment too for those who keep it."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.events.receipts import DUPLICATE, SAMPLE_CHARS, Receipt
from experiments.models import Rejection

REFUSED = st.dictionaries(
    st.tuples(st.sampled_from([DUPLICATE, "forged", "expired"]), st.none() | st.integers(1, 3)),
    st.integers(1, 50),
)


@given(REFUSED, REFUSED)
def test_parts_add_up_and_repeats_are_no_refusals(
    first: dict[tuple[str, int | None], int], second: dict[tuple[str, int | None], int]
) -> None:
    one, other = (Receipt(3, Counter(refused)) for refused in (first, second))
    sizes = one.duplicate + other.duplicate, one.rejected + other.rejected
    one.add(other)
    assert (one.duplicate, one.rejected) == sizes
    assert one.accepted == 6
    assert DUPLICATE not in one.rejected
    assert one.refused.total() == sum(first.values()) + sum(second.values())


@pytest.mark.django_db
def test_what_is_kept_has_its_experiment_and_one_sample_a_reason() -> None:
    receipt = Receipt()
    receipt.reject("forged", "x\0" + "y" * 999)
    receipt.reject("expired", "first", 7)
    receipt.reject("expired", "second", 8, events=3)
    receipt.repeat(7)
    receipt.keep()
    rows = Rejection.objects.values_list("reason", "experiment", "events", "is_counted", "sample")
    assert set(rows) == {
        ("forged", None, 1, False, ("x\N{REPLACEMENT CHARACTER}" + "y" * 999)[:SAMPLE_CHARS]),
        ("expired", 7, 1, False, "first"),
        ("expired", 8, 3, False, "first"),
        (DUPLICATE, 7, 1, False, ""),
    }
    assert receipt.as_json() == {
        "accepted": 0, "duplicate": 1, "rejected": {"forged": 1, "expired": 4},
    }  # fmt: skip
