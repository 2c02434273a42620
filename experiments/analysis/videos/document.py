"""The record of every video as a document for programs; nan is null.

    {"experiment": slug, "level", "wrong_signs", "reason", "changed_shares",
     "noise": {"used", "by_viewers", "by_same_creatives"},
     "gained", "best_single_arm", "selectors": {arm: selector},
     "summaries": [{"arm", "mean", "spread", "better", "worse", "shipped", "regret"}],
     "videos": [{"slug", "title", "ship", "gained",
                 "arms": [{"arm", "views", "clicks", "raw", "lift", "low", "high", "better",
                           "worse", "standing": null | text}]}]}

Estimates come as {"value", "low", "high", "level", "reason"}.
"""

import msgspec

from experiments.analysis.videos.record import VideoReport, VideoRow


def as_json(report: VideoReport) -> str:
    """Return the document as JSON text."""
    return msgspec.json.format(_encoded(report), indent=2).decode() + "\n"


def as_document(report: VideoReport) -> dict[str, object]:
    """Return the document as plain values."""
    found: dict[str, object] = msgspec.json.decode(_encoded(report))
    return found


def _encoded(report: VideoReport) -> bytes:
    same = ("level", "wrong_signs", "reason", "changed_shares", "noise", "gained",
            "best_single_arm", "selectors", "summaries")  # fmt: skip
    document = {"experiment": report.slug} | {name: getattr(report, name) for name in same}
    document["videos"] = [_video(row) for row in report.videos]
    return msgspec.json.encode(document, enc_hook=float)


def _video(row: VideoRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in ("slug", "title", "ship", "gained", "arms")}
