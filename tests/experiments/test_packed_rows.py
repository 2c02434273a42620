"""Rows that Postgres packs come back as they were, whatever their sizes."""

import numpy as np
import pytest

from experiments.packed_rows import packed_rows

pytestmark = pytest.mark.django_db
ENDS = {2: (-(2**15), 2**15 - 1), 4: (-(2**31), 2**31 - 1), 8: (-(2**63), 2**63 - 1)}


@pytest.mark.parametrize("sizes", [(8, 4, 2), (4, 4, 2, 4, 4), (4, 2, 4, 4), (2,), (4,)], ids=str)
def test_numbers_of_every_size_come_back(sizes: tuple[int, ...]) -> None:
    rng = np.random.default_rng(len(sizes))
    names = [f"column{at}" for at in range(len(sizes))]
    columns = [rng.integers(*ENDS[size], 300, dtype=np.int64, endpoint=True) for size in sizes]
    for column, size in zip(columns, sizes, strict=True):
        column[:3] = (*ENDS[size], -1)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    values = ", ".join("(" + ", ".join(f"'{each}'::bigint" for each in row) + ")" for row in rows)
    select = f"SELECT * FROM (VALUES {values}) AS given ({', '.join(names)})"  # noqa: S608
    found = packed_rows(select, dict(zip(names, sizes, strict=True)))
    assert list(found) == names
    got = np.stack([found[name] for name in names])
    assert sorted(got.T.tolist()) == sorted(np.stack(columns).T.tolist())
