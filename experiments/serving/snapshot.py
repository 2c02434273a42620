"""One consistent picture of what can be shown, read from the database and kept in memory."""

import logging
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from experiments.errors import ExperimentError
from experiments.models import (
    AccessKey,
    Decision,
    Experiment,
    Phase,
    ServedChange,
    ShippedPicture,
    Video,
)
from experiments.serving import allocation_phases
from experiments.serving.assignment import Plan
from experiments.serving.picture_rows import Pictures, read_pictures
from experiments.serving.pictures import STILL_SELECTOR, ThumbnailCard, VideoCard

logger = logging.getLogger(__name__)
CONTROL, SHIPPED = 0, 1  # of a rollout, arm 0 is what is held back
CARD_FIELDS = ("slug", "title", "duration_s", "channel", "published_at")  # of a VideoCard


@dataclass(frozen=True, slots=True, eq=False)
class Live:
    """An experiment that has started and not ended, in its latest phase.

    Attributes:
        pk: the experiment's primary key.
        slug: its name in addresses.
        simulated: how its traffic is made, "" for real viewers.
        paused: it assigns nothing now: its videos show the control.
        phase: number of the phase.
        plan: what decides assignment.
        selectors: whose thumbnails each arm index shows.
        rollout_of: slug of the ended experiment whose decision it serves; "" for a test.
        shipped: by primary key of a video, whose thumbnail a map ships; empty for all else.
    """

    pk: int
    slug: str
    simulated: str
    paused: bool
    phase: int
    plan: Plan
    selectors: dict[int, str]
    rollout_of: str
    shipped: dict[int, str]

    @property
    def unassigned(self) -> int:
        """The arm that is shown where none is assigned."""
        return SHIPPED if self.rollout_of else CONTROL

    def selector(self, arm: int, video: int) -> str:
        """Return whose thumbnail an arm shows of a video, by its primary key."""
        mapped = self.shipped.get(video) if arm == SHIPPED else None
        return mapped or self.selectors[arm]

    def is_complete(self, video: int, pictures: Container[str]) -> bool:
        """Tell whether there is a picture for the control and for every arm with weight."""
        shown = {CONTROL, *self.plan.allocation.arms}
        return all(self.selector(arm, video) in pictures for arm in shown)


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A video that can be shown, its pictures by selector, and the experiments it is in."""

    pk: int
    video: VideoCard
    pictures: dict[str, ThumbnailCard]
    default: ThumbnailCard
    experiments: tuple[Live, ...]


@dataclass(frozen=True, slots=True)
class SiteKey:
    """A site's key: whose pages may use it, and until when."""

    origins: frozenset[str]
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """All that can be shown, and to whose pages.

    Attributes:
        experiments: the live ones, in the order in which they take a viewer in.
        entries: every video.
        by_slug: every video by its slug.
        by_experiment: those of each live experiment, by slug.
        rollouts: slug of the rollout by that of the experiment that it is the decision on.
        ended: when the others that have ended did so, by slug.
        site_keys: the keys of sites that are not revoked, by the hash of their text.
        pictures: those of every video, which the next snapshot takes over.
    """

    experiments: tuple[Live, ...]
    entries: tuple[Entry, ...]
    by_slug: dict[str, Entry]
    by_experiment: dict[str, tuple[Entry, ...]]
    rollouts: dict[str, str]
    ended: dict[str, datetime]
    site_keys: dict[str, SiteKey]
    pictures: Pictures


def read_version() -> int:
    """Return a number that grows with any change to what `read_snapshot` reads.

    Triggers of the tables count, so that no writer can forget to.
    """
    changes: int | None = ServedChange.objects.aggregate(Sum("changes"))["changes__sum"]
    return changes or 0


def read_snapshot(before: Snapshot | None = None) -> Snapshot:
    """Read the present picture, in ten queries however much there is.

    Args:
        before: an older one, from which the pictures are taken over that have not changed.
    """
    live = _live()
    members = _members(live)
    pictures = read_pictures(before.pictures if before else None)
    entries = tuple(
        _entry(pk, VideoCard(*told), pictures.by_video[pk], members.get(pk, []))
        for pk, *told in Video.objects.order_by("pk").values_list("pk", *CARD_FIELDS)
        if pk in pictures.by_video
    )
    by_experiment: dict[str, list[Entry]] = {experiment.slug: [] for experiment in live}
    for entry in entries:
        for experiment in entry.experiments:
            by_experiment[experiment.slug].append(entry)
    return Snapshot(
        live,
        entries,
        {entry.video.slug: entry for entry in entries},
        {slug: tuple(of) for slug, of in by_experiment.items()},
        {each.rollout_of: each.slug for each in live if each.rollout_of},
        _ended(),
        _site_keys(),
        pictures,
    )


def _ended() -> dict[str, datetime]:
    ended = Experiment.objects.order_by().values_list("slug", "ended_at")
    return {slug: at for slug, at in ended if at is not None}


def _live() -> tuple[Live, ...]:
    """Return the live experiments, in the order in which they take a viewer in.

    Tests come first, the oldest before the others; then rollouts, the latest decision before the
    others. One that cannot be served is left out, and the log says why.
    """
    experiments = Experiment.objects.filter(state__in=Experiment.LIVE_STATES).order_by("pk")
    latest = Phase.objects.order_by("experiment_id", "-number").distinct("experiment_id")
    # Phases before arms: an arm that is added meanwhile has no weight in the phase that was read.
    phases = {phase.experiment_id: phase for phase in latest}
    shipped = _shipped()
    found = []
    for experiment in experiments.prefetch_related("arms").select_related("decision__experiment"):
        try:
            found.append(_of(experiment, phases.get(experiment.pk), shipped))
        except ExperimentError as error:
            logger.error("%s is not served: %s", experiment.slug, error)
    return tuple(sorted(found, key=_place))


def _place(live: Live) -> tuple[bool, int]:
    return bool(live.rollout_of), -live.pk if live.rollout_of else live.pk


def _shipped() -> dict[int, dict[int, str]]:
    """Return what maps ship: whose thumbnail, by rollout and video."""
    rows = ShippedPicture.objects.filter(decision__rollout__state__in=Experiment.LIVE_STATES)
    shipped: dict[int, dict[int, str]] = {}
    for rollout, video, selector in rows.values_list("decision__rollout", "video", "selector"):
        shipped.setdefault(rollout, {})[video] = selector
    return shipped


def _of(experiment: Experiment, phase: Phase | None, shipped: Mapping[int, dict[int, str]]) -> Live:
    if phase is None:
        raise ExperimentError("it has no phase: it was not started by the life cycle")
    selectors = {arm.index: arm.selector for arm in experiment.arms.all()}
    plan = allocation_phases.plan_in(phase, experiment)
    missing = {CONTROL, *plan.allocation.arms} - set(selectors)
    if missing:
        raise ExperimentError(f"it has no arm {', '.join(map(str, sorted(missing)))}")
    return Live(
        pk=experiment.pk,
        slug=experiment.slug,
        simulated=experiment.simulated,
        paused=experiment.state == Experiment.State.PAUSED or phase.ended_at is not None,
        phase=phase.number,
        plan=plan,
        selectors=selectors,
        rollout_of=_rollout_of(experiment),
        shipped=shipped.get(experiment.pk, {}),
    )


def _rollout_of(experiment: Experiment) -> str:
    decision: Decision | None = getattr(experiment, "decision", None)
    return decision.experiment.slug if decision else ""


def _site_keys() -> dict[str, SiteKey]:
    keys = AccessKey.objects.filter(user=None, revoked_at=None)
    return {key.digest: SiteKey(frozenset(key.origins), key.expires_at) for key in keys}


def _members(live: Iterable[Live]) -> dict[int, list[Live]]:
    """Return the experiments of each video that is in any, in their order."""
    videos: dict[int, list[int]] = {experiment.pk: [] for experiment in live}
    through = Experiment.videos.through.objects.filter(experiment__in=videos)
    for experiment, video in through.values_list("experiment_id", "video_id"):
        videos[experiment].append(video)
    members: dict[int, list[Live]] = {}
    for each in live:
        for video in videos[each.pk]:
            members.setdefault(video, []).append(each)
    return members


def _entry(
    pk: int, video: VideoCard, pictures: dict[str, ThumbnailCard], live: Iterable[Live]
) -> Entry:
    # A video that lacks one arm's picture takes no part: showing only the others would bias.
    complete = tuple(experiment for experiment in live if experiment.is_complete(pk, pictures))
    default = pictures.get(STILL_SELECTOR) or next(iter(pictures.values()))
    return Entry(pk, video, pictures, default, complete)
