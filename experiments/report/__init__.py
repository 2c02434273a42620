"""Queries and statistics become one record, and the record text or a document."""

from experiments.report.bands import Bands, bands
from experiments.report.build import build
from experiments.report.document import as_document, as_json
from experiments.report.kept import Kept, current
from experiments.report.record import ArmRow, LeftOutVideos, PaperRow, Report
from experiments.report.text import as_text

__all__ = [
    "ArmRow",
    "Bands",
    "Kept",
    "LeftOutVideos",
    "PaperRow",
    "Report",
    "as_document",
    "as_json",
    "as_text",
    "bands",
    "build",
    "current",
]
