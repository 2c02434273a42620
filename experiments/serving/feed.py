"""The feed: videos, each with the thumbnail of the viewer's arm, and a signed token.

Serving a feed reads a snapshot kept in memory and writes nothing; `FeedState` keeps it fresh.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from experiments.errors import EndedError, ExperimentError
from experiments.events.ingest import signer
from experiments.events.tokens import Impression, viewer_number
from experiments.serving import identity
from experiments.serving.assignment import Assignment, assign
from experiments.serving.feed_state import FeedState
from experiments.serving.pictures import ThumbnailCard, VideoCard
from experiments.serving.snapshot import Entry, Live, SiteKey, Snapshot
from experiments.surface import Surface

MAX_SLOTS = 100


@dataclass(frozen=True, slots=True)
class Slot:
    """One place on the page; without a token it is no data: show it and report nothing."""

    position: int
    token: str | None
    experiment: str | None
    arm: int | None
    video: VideoCard
    thumbnail: ThumbnailCard


@dataclass(frozen=True, slots=True)
class Feed:
    """What one viewer is shown; ``simulated`` says how traffic is made, "" for real viewers."""

    viewer: str
    simulated: str
    slots: list[Slot]


@dataclass(frozen=True, slots=True)
class _Choice:
    """Which picture, and by which experiment's assignment, if by any."""

    picture: ThumbnailCard
    experiment: Live | None
    assignment: Assignment | None


state = FeedState()


def refresh() -> None:
    """Read now what can be shown, instead of within ``feed_state.MAX_AGE_S``."""
    state.refresh()


def experiments() -> tuple[Live, ...]:
    """Return the live experiments that are served: without those whose rows are not as they must.

    Raises:
        DatabaseError, NotReadyError: as `slots`.
    """
    return state.snapshot().experiments


def site_key(digest: str) -> SiteKey | None:
    """Return the site's key of this hash, where it is neither revoked nor expired.

    Raises:
        DatabaseError, NotReadyError: as `slots`.
    """
    key = state.snapshot().site_keys.get(digest)
    if key is None or (key.expires_at is not None and key.expires_at <= timezone.now()):
        return None
    return key


def slots(
    viewer: str,
    *,
    count: int = 30,
    page: int = 0,
    experiment: str | None = None,
    arm: int | None = None,
    tracked: bool = True,
    user: str = "",
) -> Feed:
    """Return a page of the feed for a viewer.

    Args:
        viewer: the viewer's own random text.
        count: places on the page.
        page: which page, from 0.
        experiment: only this experiment's videos; those of one that is decided, as shipped.
        arm: show this arm to preview it; nothing of a preview is data.
        tracked: False for a viewer who asked not to be: sees the control, is no data.
        user: the site's own id of the person who is logged in, see `identity`.

    Raises:
        ExperimentError: where the experiment does not run or has no such arm.
        EndedError: where it has ended, and nothing of it is shipped.
        DatabaseError, NotReadyError: where what is known is too old and the database is away.
    """
    snapshot = state.snapshot()
    experiment = snapshot.rollouts.get(experiment or "", experiment)
    entries = _entries(snapshot, experiment)
    number = _number(viewer, user, tracked=tracked)
    first = page * count
    # Every viewer begins at a place of their own, so that every video is seen.
    shown = {
        i: entries[(number + i) % len(entries)]
        for i in range(first, min(first + count, len(entries)))
    }
    choices = [_choose(entry, number, experiment, arm, tracked=tracked) for entry in shown.values()]
    signed = _sign(shown, choices, number, Surface.FEED)
    return Feed(viewer, _simulated(snapshot, experiment), signed)


def arms(
    viewer: str,
    videos: Sequence[str],
    *,
    first: int = 0,
    tracked: bool = True,
    user: str = "",
    on: Surface = Surface.FEED,
) -> Feed:
    """Return the pictures of some videos for a viewer; those that have none are left out.

    Args:
        viewer: the viewer's own random text.
        videos: their slugs, in the order of the page.
        first: position of the first of them on the page.
        tracked: as `slots`.
        user: as `slots`.
        on: the surface of the page that they are shown on.

    Raises:
        DatabaseError, NotReadyError: as `slots`.
    """
    snapshot, number = state.snapshot(), _number(viewer, user, tracked=tracked)
    found = enumerate(map(snapshot.by_slug.get, videos), start=first)
    shown = {position: entry for position, entry in found if entry is not None}
    return _shown_by_all(viewer, shown, number, tracked=tracked, on=on)


def _shown_by_all(
    viewer: str, shown: Mapping[int, Entry], number: int, *, tracked: bool, on: Surface
) -> Feed:
    """Return these videos, each by the first experiment that takes the viewer in."""
    choices = [_choose(entry, number, None, None, tracked=tracked) for entry in shown.values()]
    live = {choice.experiment for choice in choices if choice.experiment}
    simulated = "; ".join(sorted({each.simulated for each in live} - {""}))
    return Feed(viewer, simulated, _sign(shown, choices, number, on))


def related(viewer: str, video: str, *, count: int, tracked: bool = True) -> Feed:
    """Return other videos for the list beside one that is watched: a surface of its own.

    Args:
        viewer: the viewer's own random text.
        video: slug of the one that is watched, which is left out.
        count: places of the list.
        tracked: as `slots`.

    Raises:
        DatabaseError, NotReadyError: as `slots`.
    """
    snapshot, number = state.snapshot(), _number(viewer, "", tracked=tracked)
    watched = snapshot.by_slug.get(video)
    # Every viewer has a list of their own beside every video, so that every video is in some.
    first = number + (watched.pk if watched else 0)
    size = len(snapshot.entries)
    listed = [snapshot.entries[(first + i) % size] for i in range(min(count + 1, size))]
    shown = dict(enumerate([entry for entry in listed if entry is not watched][:count]))
    return _shown_by_all(viewer, shown, number, tracked=tracked, on=Surface.RELATED)


def _entries(snapshot: Snapshot, experiment: str | None) -> tuple[Entry, ...]:
    if experiment is None:
        return snapshot.entries
    if experiment in snapshot.ended:
        raise EndedError(
            f"{experiment} ended on {snapshot.ended[experiment]:%Y-%m-%d}, and nothing of it is "
            "shipped: its videos show what they showed before it"
        )
    if experiment not in snapshot.by_experiment:
        raise ExperimentError(f"experiment == {experiment!r}, must be one that runs")
    return snapshot.by_experiment[experiment]


def _simulated(snapshot: Snapshot, experiment: str | None) -> str:
    texts = [e.simulated for e in snapshot.experiments if experiment in {None, e.slug}]
    return "; ".join(dict.fromkeys(text for text in texts if text))


def _choose(
    entry: Entry, viewer: int, experiment: str | None, forced: int | None, *, tracked: bool
) -> _Choice:
    candidates = entry.experiments
    if experiment is not None:
        candidates = tuple(live for live in candidates if live.slug == experiment)
    if forced is not None:
        return _forced(entry, candidates, forced)
    for live in candidates if tracked else ():
        if live.paused:
            continue
        assignment = assign(live.plan, viewer, entry.pk)
        if assignment.arm is not None:
            return _Choice(_picture(entry, live, assignment.arm), live, assignment)
    if not candidates:
        return _Choice(entry.default, None, None)
    shown = next((e for e in candidates if e.rollout_of), candidates[0])
    return _Choice(_picture(entry, shown, shown.unassigned), None, None)


def _picture(entry: Entry, live: Live, arm: int) -> ThumbnailCard:
    return entry.pictures[live.selector(arm, entry.pk)]


def _forced(entry: Entry, candidates: Sequence[Live], arm: int) -> _Choice:
    for live in candidates:
        if arm in live.selectors:  # one without weight may lack its picture
            picture = entry.pictures.get(live.selector(arm, entry.pk), entry.default)
            return _Choice(picture, None, None)
    if candidates:
        raise ExperimentError(f"arm == {arm}, must be one of {sorted(candidates[0].selectors)}")
    return _Choice(entry.default, None, None)


def _sign(
    shown: Mapping[int, Entry], choices: list[_Choice], viewer: int, on: Surface
) -> list[Slot]:
    ids = iter(state.ids.take(sum(choice.experiment is not None for choice in choices)))
    signed, given = [], []
    for (position, entry), choice in zip(shown.items(), choices, strict=True):
        token, slug, arm = None, None, None
        live, assigned = choice.experiment, choice.assignment
        if live is not None and assigned is not None and assigned.arm is not None:
            slug, arm = live.slug, assigned.arm
            impression = Impression(next(ids), viewer, entry.pk, live.pk, live.phase, arm,
                                    position, assigned.propensity, on)  # fmt: skip
            token = signer().sign(impression)
            given.append((live.pk, live.phase, arm))
        signed.append(Slot(position, token, slug, arm, entry.video, choice.picture))
    if on is Surface.FEED:
        state.given.add(given)
    return signed


def _number(viewer: str, user: str, *, tracked: bool) -> int:
    return (
        identity.number_of(viewer, user)
        if tracked
        else viewer_number(viewer or user, settings.VIEWER_KEY)
    )
