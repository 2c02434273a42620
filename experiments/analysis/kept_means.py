"""Means with their errors as JSON keeps them: no verdict, but what a report reads as it must then.

Numbers that are not defined are null.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
import numpy as np

from experiments.analysis.stats.records import IntArray

Record = TypeVar("Record")


def as_kept(records: Sequence[Any]) -> list[dict[str, Any]]:
    """Return records, arrays among their fields, as JSON keeps them."""
    kept: list[dict[str, Any]] = msgspec.json.decode(
        msgspec.json.encode(records, enc_hook=_as_list)
    )
    return kept


def from_kept(kept: Sequence[dict[str, Any]], kind: type[Record]) -> Record:
    """Return records that were kept, of a kind such as `tuple[Look, ...]`."""
    return msgspec.convert(kept, kind, dec_hook=_as_array)


def _as_list(values: Any) -> Any:
    return values.tolist()  # of an array, or of one of NumPy's numbers


def _as_array(kind: Any, values: Any) -> np.ndarray:
    return np.array(values, np.int64 if kind == IntArray else np.float64)  # null becomes nan
