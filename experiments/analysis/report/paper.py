"""Table 3 as printed in "GIF Thumbnails: Attract More Clicks to Your Videos" (AAAI 2021)."""

from collections.abc import Sequence
from math import nan

from experiments.analysis.report.record import PaperRow

# By the selectors of the three arms: mPV, mClick, mCTR, improvement.
TABLE_3 = {
    "raw": PaperRow(3547.0, 190.0, 0.0530, nan),
    "re_seq2seq": PaperRow(3603.8, 221.4, 0.0636, 0.195),
    "gevaden": PaperRow(3601.2, 262.5, 0.0729, 0.375),
}


def table_3_rows(selectors: Sequence[str]) -> dict[str, PaperRow]:
    """Return the paper's lines by selector where the arms are the pilot's own; else none."""
    pilot = list(selectors) == list(TABLE_3)
    return dict(TABLE_3) if pilot else {}
