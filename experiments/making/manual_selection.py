"""A person's choice of shots, which stays whatever the selectors choose later."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import isfinite

from django.conf import settings
from django.db import transaction

from experiments.audit import record_act
from experiments.errors import ExperimentError
from experiments.making.distinct_arms import MOVED, best_distinct, give_way
from experiments.models import Experiment, Thumbnail, Video

BUSY = (Video.State.MAKING, Video.State.EXTRACTING)


def pick(thumbnail: Thumbnail, shots_s: Sequence[float], *, by: str) -> None:
    """Let the thumbnail show these shots from now on, and queue its files before all else.

    Args:
        thumbnail: whose shots to set.
        shots_s: where each begins, in play order; as many as the thumbnail has now.
        by: who picked them.

    Raises:
        ExperimentError: where the video has no such shots, or is being made right now.
    """
    _must_have_shots(thumbnail)
    _check(thumbnail, shots_s)
    thumbnail.shots_s, thumbnail.picked_by = list(shots_s), by
    thumbnail.note = _own_note(thumbnail)
    _change(thumbnail)


def unpick(thumbnail: Thumbnail) -> None:
    """Let the thumbnail show the selector's own choice again, as `distinct_arms` settles it.

    Raises:
        ExperimentError: where the video is being made right now.
    """
    _must_have_shots(thumbnail)
    thumbnail.shots_s, thumbnail.picked_by = thumbnail.candidates[0][0], ""
    thumbnail.note = _own_note(thumbnail)
    if settings.DISTINCT_ARMS:
        give_way([thumbnail], thumbnail.video.thumbnails.exclude(pk=thumbnail.pk))
    _change(thumbnail)


def distinguish(thumbnail: Thumbnail, *, by: str) -> None:
    """Let the thumbnail show its best candidate that no other thumbnail of the video shows.

    Args:
        thumbnail: one that shows the same shots as another, so that their arms are equal.
        by: who asks for it.

    Raises:
        ExperimentError: where every candidate is shown by another, or the video is being made.
    """
    _must_have_shots(thumbnail)
    found = _distinct(thumbnail, thumbnail.video.thumbnails.all())
    if found is None:
        raise ExperimentError(
            f"every candidate of {thumbnail.selector} is shown by another selector: "
            "pick shots by hand"
        )
    thumbnail.shots_s, said = found
    thumbnail.picked_by = by
    thumbnail.note = "; ".join(filter(None, [_own_note(thumbnail), said]))
    _change(thumbnail)


def twins(thumbnails: Sequence[Thumbnail]) -> dict[str, list[str]]:
    """Return, by selector, the others that show the same shots of the same video."""
    return {
        each.selector: [
            other.selector
            for other in thumbnails
            if other is not each and other.shots_shown == each.shots_shown
        ]
        for each in thumbnails
    }


def can_differ(thumbnail: Thumbnail, thumbnails: Iterable[Thumbnail]) -> bool:
    """Tell whether a candidate is shown by none of the video's other thumbnails."""
    return _distinct(thumbnail, thumbnails) is not None


def shown_by(video: Video) -> list[Experiment]:
    """Return the live experiments that show the video: a change now changes what they test."""
    return list(video.experiments.filter(state__in=Experiment.LIVE_STATES))


def _distinct(
    thumbnail: Thumbnail, thumbnails: Iterable[Thumbnail]
) -> tuple[list[float], str] | None:
    """Return the best candidate that none of the others shows, and what its note says of it."""
    others = [each for each in thumbnails if each.pk != thumbnail.pk]
    return best_distinct(thumbnail, {other.shots_shown: other.selector for other in others})


def _must_have_shots(thumbnail: Thumbnail) -> None:
    if thumbnail.creative_id:
        raise ExperimentError(
            f"{thumbnail.selector} is a picture that was brought: it has no shots; bring another"
        )


def _check(thumbnail: Thumbnail, shots_s: Sequence[float]) -> None:
    if len(shots_s) != len(thumbnail.shots_s):
        raise ExperimentError(f"{len(shots_s)} shots, must be {len(thumbnail.shots_s)}")
    last_s = max((thumbnail.video.duration_s or 0.0) - thumbnail.shot_length_s, 0.0)
    for start_s in shots_s:
        if not (isfinite(start_s) and 0 <= start_s <= last_s):
            raise ExperimentError(f"shot == {start_s:g} s, must be from 0 to {last_s:g} s")
    for first_s, second_s in pairwise(sorted(shots_s)):
        if second_s - first_s < thumbnail.shot_length_s:
            raise ExperimentError(
                f"shots at {first_s:g} s and {second_s:g} s overlap, must be "
                f"{thumbnail.shot_length_s:g} s apart"
            )


def _own_note(thumbnail: Thumbnail) -> str:
    """Return what the selector said, without what was said of another candidate."""
    return "; ".join(part for part in thumbnail.note.split("; ") if not part.startswith(MOVED))


@transaction.atomic
def _change(thumbnail: Thumbnail) -> None:
    video = Video.objects.select_for_update().get(pk=thumbnail.video_id)
    if video.state in BUSY:
        raise ExperimentError(f"{video} is being made right now: try again in a moment")
    thumbnail.picked_by = thumbnail.picked_by[:150]
    before = {"shots_s": Thumbnail.objects.values_list("shots_s", flat=True).get(pk=thumbnail.pk)}
    after = {"shots_s": thumbnail.shots_s, "of": thumbnail.selector}
    act = "pick shots" if thumbnail.picked_by else "give shots back"
    record_act("video", video.slug, act, before=before, after=after)
    thumbnail.save(update_fields=["shots_s", "picked_by", "note"])
    video.state, video.urgency, video.attempts = Video.State.WAITING, Video.Urgency.PERSON, 0
    video.error_code = video.error_message = ""
    video.retry_at = None
    video.save()
