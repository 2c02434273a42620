"""No two hold one block number at one time."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from experiments.errors import ExperimentError, NotReadyError
from experiments.events import id_blocks
from experiments.events.id_blocks import lease_block
from experiments.models import IdBlock

pytestmark = pytest.mark.django_db


class TestBlocks(HypothesisTestCase):
    @settings(deadline=None)
    @given(
        st.lists(
            st.tuples(st.integers(0, 20), st.integers(1, 20)).map(lambda s: (s[0], sum(s))),
            max_size=12,
        )
    )
    def test_no_number_is_held_twice_at_one_time(self, spans: list[tuple[int, int]]) -> None:
        IdBlock.objects.all().delete()
        blocks = [lease_block(*span, owner=str(i)) for i, span in enumerate(spans)]
        for i, one in enumerate(blocks):
            for other in blocks[:i]:
                apart = one.until_ms <= other.from_ms or other.until_ms <= one.from_ms
                assert apart or one.number != other.number


def test_an_owner_gets_its_block_again() -> None:
    first = lease_block(10, 20, "load")
    assert lease_block(10, 20, "other load").number != first.number
    assert lease_block(10, 20, "load") == first
    with pytest.raises(ExperimentError, match=r"holds a block of \[10, 20\)"):
        lease_block(10, 21, "load")


def test_refuses_impossible_spans_and_says_when_all_are_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(ExperimentError, match="must be within"):
        lease_block(20, 20, "load")
    monkeypatch.setattr(id_blocks, "BLOCKS", 1)
    lease_block(10, 20, "first")
    with pytest.raises(NotReadyError, match="all 1 block numbers"):
        lease_block(15, 25, "second")
    assert lease_block(20, 25, "third").number == 0
