"""Wins of an experiment's GIFs, to train selectors on: JSON lines (docs/models.md)."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from experiments.analysis.kept_counts import video_counts
from experiments.analysis.layout import Layout
from experiments.models import Experiment, Thumbnail, Video

STILL = "stills"
UNSEEN = "GIFs without a view"
SHORT = "GIFs of videos too short for three whole seconds, or of unknown length"
MADE_SINCE = "GIFs made since the experiment began: other shots may have been shown"


@dataclass(frozen=True, slots=True)
class Exported:
    """How many lines were written, and why thumbnails were left out, with how many of them."""

    written: int
    left_out: dict[str, int]


def export_shots(experiment: Experiment, path: Path) -> Exported:
    """Write a line for each GIF that was shown, by its net views and clicks."""
    left_out: Counter[str] = Counter()
    lines = []
    for thumbnail, views, clicks in _shown(experiment):
        reason = _unfit(thumbnail, experiment, views)
        if reason:
            left_out[reason] += 1
            continue
        line = {
            "video": thumbnail.video.slug,
            "seconds": ceil(thumbnail.video.duration_s or 0),
            "shots_s": thumbnail.shots_s,
            "views": views,
            "clicks": clicks,
        }
        lines.append(json.dumps(line) + "\n")
    path.write_text("".join(lines), encoding="utf-8")
    return Exported(len(lines), dict(left_out))


def _shown(experiment: Experiment) -> Iterator[tuple[Thumbnail, int, int]]:
    """Yield each arm's thumbnail of each counted video, with its views and clicks."""
    layout = Layout.of(experiment)
    counts = video_counts(layout).total()
    selectors = [arm.selector for arm in layout.arms]
    videos = Video.objects.in_bulk(counts.video_ids.tolist())
    thumbnails = Thumbnail.objects.filter(video__in=videos, selector__in=selectors)
    made = {(item.video_id, item.selector): item for item in thumbnails.select_related("video")}
    for row, video_id in enumerate(counts.video_ids.tolist()):
        for arm, selector in enumerate(selectors):
            thumbnail = made.get((video_id, selector))
            if thumbnail:
                yield thumbnail, int(counts.views[row, arm]), int(counts.clicks[row, arm])


def _unfit(thumbnail: Thumbnail, experiment: Experiment, views: int) -> str:
    if thumbnail.shot_length_s == 0:
        return STILL
    if experiment.started_at is None or thumbnail.made_at > experiment.started_at:
        return MADE_SINCE
    if thumbnail.shot_length_s < 1 or thumbnail.video.duration_s is None:
        return SHORT
    return "" if views else UNSEEN
