"""The finished data set, in the GIF Thumbnails paper's JSON format (docs/annotation.md)."""

import json
from pathlib import Path

from django.db.models import Count, Q

from experiments.models import CommentCurve, Proposal

ANNOTATED = "annotated_data.json"
COUNTS = "annotated_dm_count.json"
FEWEST_ANNOTATORS = 2


def export_annotations(folder: Path) -> int:
    """Write the GIFs that at least two people judged and all of them accepted; return how many.

    Every video with comments is in the files, also where no GIF of it was accepted.
    """
    curves = CommentCurve.objects.select_related("video").order_by("video__slug")
    accepted = _accepted()
    videos = {
        curve.video.slug: {
            "gifs": accepted.get(curve.video.slug, {}),
            "video_url": curve.video.source,
            "seconds": len(curve.counts),
        }
        for curve in curves
    }
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / ANNOTATED, videos)
    _write(folder / COUNTS, {curve.video.slug: curve.counts for curve in curves})
    return sum(map(len, accepted.values()))


def _accepted() -> dict[str, dict[str, list[int]]]:
    """Return {video: {name: shots}} of what everybody who judged it accepted."""
    rejected = Count("judgements", filter=Q(judgements__accepted=False))
    judged = Proposal.objects.annotate(judges=Count("judgements"), rejections=rejected)
    unanimous = judged.filter(judges__gte=FEWEST_ANNOTATORS, rejections=0).order_by("pk")
    found: dict[str, dict[str, list[int]]] = {}
    for slug, pk, shots_s in unanimous.values_list("video__slug", "pk", "shots_s"):
        found.setdefault(slug, {})[f"{pk}.gif"] = shots_s
    return found


def _write(path: Path, document: object) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
