"""One consistent picture of what can be shown, read from the database and kept in memory."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.files.storage import default_storage
from django.db import connection

from experiments.models import Experiment, Thumbnail, Video
from experiments.serving import allocation_phases
from experiments.serving.assignment import Plan

CONTROL = 0
STILL_SELECTOR = "raw"  # what is shown outside experiments
SMALLEST_FIRST = ("avif", "webp")

# Each write puts a row at another place (ctid) or gives it another transaction (xmin). Of a video,
# which changes often while its thumbnails are made, only what is shown counts.
_VERSION = """
WITH live AS (SELECT id, ctid, xmin FROM experiments_experiment WHERE state = 'running'),
rows AS (
    SELECT 0 AS kind, ctid, xmin FROM live
    UNION ALL
    SELECT 1, ctid, xmin FROM experiments_arm WHERE experiment_id IN (SELECT id FROM live)
    UNION ALL
    SELECT 2, ctid, xmin FROM experiments_phase WHERE experiment_id IN (SELECT id FROM live)
    UNION ALL
    SELECT 3, ctid, xmin FROM experiments_experiment_videos
    WHERE experiment_id IN (SELECT id FROM live)
    UNION ALL
    SELECT 4, ctid, xmin FROM experiments_thumbnail)
SELECT concat_ws(' ', count(*), sum(hash_record_extended(rows, 0)),
                 (SELECT sum(hash_record_extended((id, slug, title, duration_s), 0))
                  FROM experiments_video))
FROM rows"""


@dataclass(frozen=True, slots=True)
class VideoCard:
    """What a page says about a video."""

    slug: str
    title: str
    duration_s: float | None


@dataclass(frozen=True, slots=True)
class Source:
    """One file of a picture."""

    url: str
    media_type: str


@dataclass(frozen=True, slots=True)
class ThumbnailCard:
    """One picture, in every format that there is of it; all show the same frames.

    Attributes:
        url: of the file that every browser shows.
        media_type: of that file.
        width: pixels.
        height: pixels.
        sources: the same picture in smaller files, for browsers that know them, smallest first.
        video_url: the same as a film, where there is one.
        still_url: one frame of it, for viewers who ask for less motion; None where nothing moves.
    """

    url: str
    media_type: str
    width: int
    height: int
    sources: tuple[Source, ...]
    video_url: str | None
    still_url: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Running:
    """A running experiment in its present phase.

    Attributes:
        pk: the experiment's primary key.
        slug: its name in addresses.
        simulated: how its traffic is made, "" for real viewers.
        phase: number of the phase.
        plan: what decides assignment.
        selectors: whose thumbnails each arm index shows.
    """

    pk: int
    slug: str
    simulated: str
    phase: int
    plan: Plan
    selectors: dict[int, str]


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A video that can be shown, its pictures by selector, and the experiments it is in."""

    pk: int
    video: VideoCard
    pictures: dict[str, ThumbnailCard]
    default: ThumbnailCard
    running: tuple[Running, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """All entries, and those of each running experiment by slug."""

    running: tuple[Running, ...]
    entries: tuple[Entry, ...]
    by_experiment: dict[str, tuple[Entry, ...]]


def read_version() -> str:
    """Return a text that changes with anything that `read_snapshot` reads, without reading it."""
    with connection.cursor() as cursor:
        cursor.execute(_VERSION)
        version: str = cursor.fetchone()[0]
    return version


def read_snapshot() -> Snapshot:
    """Read the present picture."""
    experiments = list(Experiment.objects.filter(state=Experiment.State.RUNNING).order_by("pk"))
    running = tuple(_running(experiment) for experiment in experiments)
    members = _members(experiments)
    pictures = _pictures()
    entries = tuple(
        _entry(video, pictures[video.pk], [r for r in running if video.pk in members[r.pk]])
        for video in Video.objects.only("slug", "title", "duration_s").order_by("pk")
        if video.pk in pictures
    )
    by_experiment = {r.slug: tuple(e for e in entries if r in e.running) for r in running}
    return Snapshot(running, entries, by_experiment)


def _running(experiment: Experiment) -> Running:
    phase = allocation_phases.current(experiment)
    return Running(
        pk=experiment.pk,
        slug=experiment.slug,
        simulated=experiment.simulated,
        phase=phase.number,
        plan=allocation_phases.plan_in(phase, experiment),
        selectors=dict(experiment.arms.values_list("index", "selector")),
    )


def _members(experiments: Iterable[Experiment]) -> dict[int, set[int]]:
    """Return the primary keys of each experiment's videos."""
    return {
        experiment.pk: set(experiment.videos.values_list("pk", flat=True))
        for experiment in experiments
    }


def _pictures() -> dict[int, dict[str, ThumbnailCard]]:
    """Return every video's thumbnails by selector."""
    pictures: dict[int, dict[str, ThumbnailCard]] = {}
    # Values, not models: there are tens of thousands.
    shown = Thumbnail.objects.order_by("pk").values_list(
        "video_id", "selector", "file", "media_type", "width", "height", "renditions"
    )
    for video_id, selector, *of_card in shown:
        pictures.setdefault(video_id, {})[selector] = _card(*of_card)
    return pictures


def _card(
    file: str, media_type: str, width: int, height: int, renditions: list[dict[str, Any]]
) -> ThumbnailCard:
    files = {
        each["name"]: Source(default_storage.url(each["file"]), each["media_type"])
        for each in renditions
        if each["file"] != file
    }
    return ThumbnailCard(
        default_storage.url(file),
        media_type,
        width,
        height,
        tuple(files[name] for name in SMALLEST_FIRST if name in files),
        files["mp4"].url if "mp4" in files else None,
        files["still"].url if "still" in files else None,
    )


def _entry(video: Video, pictures: dict[str, ThumbnailCard], running: list[Running]) -> Entry:
    # A video that lacks one arm's picture takes no part: showing only the others would bias.
    complete = tuple(r for r in running if all(s in pictures for s in r.selectors.values()))
    default = pictures.get(STILL_SELECTOR) or next(iter(pictures.values()))
    card = VideoCard(video.slug, video.title, video.duration_s)
    return Entry(video.pk, card, pictures, default, complete)
