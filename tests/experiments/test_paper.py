"""The figures that the paper prints, typed a second time from it."""

import math

from experiments.paper import PILOT_VIDEOS, TABLE_3, printed_rows


def test_table_3_is_as_printed() -> None:
    columns = zip(
        *((r.mean_views, r.mean_clicks, r.mean_ctr) for r in TABLE_3.values()), strict=True
    )
    assert list(columns) == [
        (3547.0, 3603.8, 3601.2),
        (190.0, 221.4, 262.5),
        (0.0530, 0.0636, 0.0729),
    ]
    raw, *others = (row.improvement for row in TABLE_3.values())
    assert math.isnan(raw)
    assert others == [0.195, 0.375]
    assert PILOT_VIDEOS == 9814


def test_the_rows_are_for_the_pilots_own_arms_in_their_order() -> None:
    assert printed_rows(["raw", "re_seq2seq", "gevaden"]) == TABLE_3
    for others in (["raw"], ["re_seq2seq", "raw", "gevaden"], ["raw", "re_seq2seq", "calmest"]):
        assert printed_rows(others) == {}
