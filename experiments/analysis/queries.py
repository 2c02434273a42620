"""Questions about events, added up by viewer and video, and about what becomes of a report."""

from collections.abc import Sequence
from datetime import date

import numpy as np
from django.contrib.postgres.aggregates import ArrayAgg, BoolOr
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Func, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, JSONObject, Now

from experiments.analysis.layout import Layout
from experiments.analysis.measured import MeasuredByViewer
from experiments.events.keys import DAY_MS, day_of, first_key
from experiments.events.store import event_store
from experiments.events.store.cubes import END_KEY, Chosen, Cube
from experiments.measures import Measure
from experiments.models import Cell, RefusedCount, Rejection, Thumbnail, ViewerAlias

MOVING = "image/gif"
_VERSION = """
WITH rows AS (
    SELECT 0 AS kind, id, xmin, ctid FROM experiments_experiment WHERE id = %(experiment)s
    UNION ALL
    SELECT 1, id, xmin, ctid FROM experiments_arm WHERE experiment_id = %(experiment)s
    UNION ALL
    SELECT 2, cell.id, cell.xmin, cell.ctid FROM experiments_cell AS cell
    JOIN experiments_phase AS phase ON phase.id = phase_id WHERE experiment_id = %(experiment)s
    UNION ALL
    SELECT 3, video.id, video.xmin, video.ctid FROM experiments_video AS video
    JOIN experiments_experiment_videos AS shown ON shown.video_id = video.id
    WHERE experiment_id = %(experiment)s
    UNION ALL
    SELECT 4, id, xmin, ctid FROM experiments_twowayerror WHERE experiment_id = %(experiment)s
    UNION ALL
    SELECT 5, id, xmin, ctid FROM experiments_refusedcount WHERE experiment_id = %(experiment)s)
SELECT count(*) || ':' || coalesce(sum(hashtextextended(rows::text, 0)), 0) FROM rows"""


def viewer_measures(
    layout: Layout,
    measures: Sequence[Measure],
    *,
    include_bots: bool = False,
    before: date | None = None,
    part: int = 0,
    parts: int = 1,
) -> MeasuredByViewer:
    """Return measures by viewer, cell and video, counted from the events themselves.

    Most viewers see a video once, so a kept table of these sums would be as large as the events:
    they are computed when asked for, and a full-size study asks part by part.

    Args:
        layout: of the experiment.
        measures: which ones; each fits in four bytes.
        include_bots: count suspect events too.
        before: only of impressions of days (UTC) before this one.
        part: which share of the viewers, from 0; a viewer is wholly in one part.
        parts: into how many the viewers are divided.
    """
    chosen = Chosen(
        until_key=END_KEY if before is None else first_key(DAY_MS * day_of(before)),
        cells=tuple(layout.cells),
        viewers=_of_part(part, parts),
        is_net=not include_bots,
    )
    rows = event_store().counted(Cube(("viewer", "video", "cell"), chosen, measures))
    return MeasuredByViewer(
        layout,
        viewer_ids=rows["viewer"].astype(np.int64),
        video_ids=rows["video"].astype(np.int64),
        cells=rows["cell"].astype(np.int64),
        measures={measure.name: rows[measure.name].astype(np.int64) for measure in measures},
    )


def watermarks() -> dict[int, int]:
    """Return by experiment a number that grows with every change of its counts."""
    cells = Cell.objects.values_list("phase__experiment").annotate(reached=Sum("counted"))
    return dict(cells.order_by())


def version(experiment_id: int) -> str:
    """Return a text that changes with anything stored that a report of the experiment shows.

    That is the watermark, and every row of the experiment, its arms, its cells and its videos:
    Postgres gives each version of a row another transaction and place.
    """
    with connection.cursor() as cursor:
        cursor.execute(_VERSION, {"experiment": experiment_id})
        found: str = cursor.fetchone()[0]
    return found


def crossed_at_login() -> Subquery:
    """Return, for a query of experiments, how many devices a login joined to another meanwhile."""
    crossed = ViewerAlias.objects.filter(
        is_crossover=True,
        made_at__gte=OuterRef("started_at"),
        made_at__lt=Coalesce(OuterRef("ended_at"), Now()),
    )
    counted = crossed.order_by().annotate(devices=Func("pk", function="COUNT"))
    return Subquery(counted.values("devices"))


def refused_counts() -> ArraySubquery:
    """Return, for a query of experiments, how many events were refused by reason, repeats too."""
    rows = RefusedCount.objects.filter(experiment=OuterRef("pk")).order_by("reason")
    return ArraySubquery(rows.values(row=JSONObject(reason="reason", events="events")))


def pictures() -> ArraySubquery:
    """Return, for a query of experiments, the pictures of their videos by selector.

    Each of its rows has the selector, its videos, ascending, the size of each one's file, and
    whether any of them moves.
    """
    made = Thumbnail.objects.filter(video__experiments=OuterRef("pk")).order_by()
    by_selector = made.values("selector").annotate(
        videos=ArrayAgg("video_id", order_by=("video_id",)),
        sizes_bytes=ArrayAgg("size_bytes", order_by=("video_id",)),
        move=BoolOr(Q(media_type=MOVING)),
    )
    names = ("selector", "videos", "sizes_bytes", "move")
    return ArraySubquery(by_selector.values(row=JSONObject(**{name: name for name in names})))


def rejections() -> dict[str, int]:
    """Return how many events were refused, by reason; duplicates are among them."""
    rows = Rejection.objects.values_list("reason").annotate(total=Sum("events"))
    return dict(rows.order_by("reason"))


def _of_part(part: int, parts: int) -> tuple[int, int]:
    """Return the first and last viewer of a part: they are hashes, so ranges are shares."""
    return part * 2**63 // parts, (part + 1) * 2**63 // parts - 1
