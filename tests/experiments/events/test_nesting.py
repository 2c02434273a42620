"""Deep values are cut out of any JSON, and nothing else of it changes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.events.nesting import MAX_DEPTH, without_deep_values

LEAVES = st.none() | st.integers() | st.text(alphabet='ab"\\[]{}')
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(alphabet='"[{\\'), inner)
)


def wrapped(value: Any, levels: int) -> Any:
    for level in reversed(range(levels)):
        value = [value] if level % 2 else {'"[\\': value}
    return value


@given(value=VALUES)
def test_what_is_not_deep_stays_as_it_is(value: Any) -> None:
    text = json.dumps(value).encode()
    assert without_deep_values(text) == text


@given(value=VALUES, beside=VALUES, levels=st.sampled_from([MAX_DEPTH, MAX_DEPTH + 3]))
def test_what_is_deep_becomes_null_and_what_stands_beside_is_kept(
    value: Any, beside: Any, levels: int
) -> None:
    text = json.dumps([wrapped([value], levels), beside]).encode()
    assert json.loads(without_deep_values(text)) == [wrapped(None, MAX_DEPTH - 1), beside]


@pytest.mark.parametrize("text", [b"[" * 900_000, b'{"a":' * 150_000, b'["\\' + b'\\"' * 400_000])
def test_text_that_breaks_off_is_no_json_after_it_either(text: bytes) -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(without_deep_values(text))
