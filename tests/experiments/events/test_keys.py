"""Keys and contexts give back what was packed into them, as numbers and as arrays."""

from datetime import UTC, datetime

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from experiments.events.keys import (
    END_MS,
    SUSPECT,
    Device,
    Flag,
    context_device,
    context_flags,
    context_position,
    event_key,
    impression_id,
    key_impression,
    key_ms,
    key_step,
    ms_of,
    pack_context,
    time_of,
)
from experiments.measures import Step

MS = st.integers(0, END_MS - 1)


@given(MS, st.integers(0, 1023), st.integers(0, 511), st.sampled_from(Step))
def test_a_key_holds_time_and_step(ms: int, block: int, sequence: int, step: Step) -> None:
    impression = impression_id(ms, block, sequence)
    key = event_key(impression, step)
    assert 0 <= key < 2**63
    assert (key_ms(key), key_step(key), key_impression(key)) == (ms, step, impression)
    array = event_key(impression_id(np.array([ms]), block, np.array([sequence])), step)
    assert array.tolist() == [key]


@given(MS, MS, st.integers(0, 1023), st.integers(0, 511))
def test_keys_are_in_the_order_of_time(one: int, other: int, block: int, sequence: int) -> None:
    assert (impression_id(one, block, sequence) < impression_id(other, 0, 0)) == (one < other)


def test_ids_are_distinct() -> None:
    made = {impression_id(ms, block, sequence)
            for ms in (0, 1, 2) for block in (0, 1, 1023) for sequence in (0, 1, 511)}  # fmt: skip
    assert len(made) == 27


@given(st.integers(0, 5000), st.sampled_from(Device), st.integers(0, 31))
def test_a_context_holds_position_device_and_flags(
    position: int, device: Device, flags: int
) -> None:
    context = pack_context(position, device, flags)
    assert 0 <= context < 2**15
    unpacked = (context_position(context), context_device(context), context_flags(context))
    assert unpacked == (min(position, 255), device, flags)
    assert pack_context(np.array([position]), np.array([int(device)]), np.array([flags])) == context


def test_times_are_whole_milliseconds_since_2010() -> None:
    when = datetime(2026, 11, 22, 19, 0, 0, 123_000, tzinfo=UTC)
    assert time_of(ms_of(when)) == when
    assert ms_of(datetime(2010, 1, 1, tzinfo=UTC)) == 0
    assert time_of(END_MS).year == 2079


def test_implied_is_not_suspect() -> None:
    assert not SUSPECT & Flag.IMPLIED
    assert int(SUSPECT) == 15
