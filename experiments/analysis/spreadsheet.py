"""Tables as CSV that spreadsheets open as they are meant.

Spreadsheets read a cell that looks like a number, a date or a formula as one. So text that does has
an apostrophe before it: an id stays an id, and no title can run a formula (OWASP, "CSV injection").
Numbers are plain, with a dot, and days as 2026-10-31; what is not defined, and a limit that has no
end, is an empty cell. The file begins with the mark by which spreadsheets know UTF-8.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date
from math import isfinite

UTF8_MARK = "\ufeff"
NO_TEXT = re.compile(r"[=+\-@\t\r]|[\d.,/:\-\s]*\d[\d.,/:\-\s]*(e\d+)?$|\d+[/-]", re.IGNORECASE)
Cell = str | int | float | bool | date | None


def as_csv(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a table as CSV, a line of names first."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_shown(cell) for cell in row] for row in rows)
    return UTF8_MARK + out.getvalue()


def _shown(cell: Cell) -> Cell:
    if isinstance(cell, str):
        return f"'{cell}" if NO_TEXT.match(cell) else cell
    return None if isinstance(cell, float) and not isfinite(cell) else cell
