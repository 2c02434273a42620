"""One consistent picture of what can be shown, read from the database and kept in memory."""

from collections.abc import Iterable
from dataclasses import dataclass

from experiments import phases
from experiments.assignment import Plan
from experiments.models import Experiment, Thumbnail, Video

CONTROL = 0
STILL_SELECTOR = "raw"  # what is shown outside experiments, and to those who want no motion


@dataclass(frozen=True, slots=True)
class VideoCard:
    """What a page says about a video."""

    slug: str
    title: str
    duration_s: float | None


@dataclass(frozen=True, slots=True)
class ThumbnailCard:
    """One picture; ``still_url`` is a still of the same video where the picture moves."""

    url: str
    media_type: str
    width: int
    height: int
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


def read_snapshot() -> Snapshot:
    """Read the present picture: five queries however many videos there are."""
    experiments = list(Experiment.objects.filter(state=Experiment.State.RUNNING).order_by("pk"))
    running = tuple(_running(experiment) for experiment in experiments)
    members = _members(experiments)
    pictures = _pictures()
    entries = tuple(
        _entry(video, pictures[video.pk], [r for r in running if video.pk in members[r.pk]])
        for video in Video.objects.filter(pk__in=pictures)
    )
    by_experiment = {r.slug: tuple(e for e in entries if r in e.running) for r in running}
    return Snapshot(running, entries, by_experiment)


def _running(experiment: Experiment) -> Running:
    return Running(
        pk=experiment.pk,
        slug=experiment.slug,
        simulated=experiment.simulated,
        phase=phases.current(experiment).number,
        plan=phases.plan(experiment),
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
    thumbnails = list(Thumbnail.objects.filter(video__state=Video.State.READY).order_by("pk"))
    stills = {t.video_id: t.file.url for t in thumbnails if t.selector == STILL_SELECTOR}
    pictures: dict[int, dict[str, ThumbnailCard]] = {}
    for t in thumbnails:
        still = stills.get(t.video_id) if t.media_type == "image/gif" else None
        card = ThumbnailCard(t.file.url, t.media_type, t.width, t.height, still)
        pictures.setdefault(t.video_id, {})[t.selector] = card
    return pictures


def _entry(video: Video, pictures: dict[str, ThumbnailCard], running: list[Running]) -> Entry:
    # A video that lacks one arm's picture takes no part: showing only the others would bias.
    complete = tuple(r for r in running if all(s in pictures for s in r.selectors.values()))
    default = pictures.get(STILL_SELECTOR) or next(iter(pictures.values()))
    card = VideoCard(video.slug, video.title, video.duration_s)
    return Entry(video.pk, card, pictures, default, complete)
