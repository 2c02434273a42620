"""The pilot as printed in "GIF Thumbnails: Attract More Clicks to Your Videos" (AAAI 2021)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan

PILOT_VIDEOS = 9814


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """A line of Table 3: mPV, mClick, mCTR, and the improvement of mCTR over the control's.

    The improvement is nan for the control. The paper gives no interval, no test and no p-value, and
    its improvements are not quite those of its own mCTR column (6.36 / 5.30 - 1 is 20.0 %).
    """

    mean_views: float
    mean_clicks: float
    mean_ctr: float
    improvement: float


# By the selector whose thumbnails the arm shows, the control first.
TABLE_3 = {
    "raw": PrintedRow(3547.0, 190.0, 0.0530, nan),
    "re_seq2seq": PrintedRow(3603.8, 221.4, 0.0636, 0.195),
    "gevaden": PrintedRow(3601.2, 262.5, 0.0729, 0.375),
}


def printed_rows(selectors: Sequence[str]) -> Mapping[str, PrintedRow]:
    """Return the paper's lines by selector where the arms are the pilot's own; else none."""
    return TABLE_3 if list(selectors) == list(TABLE_3) else {}
