"""The one door of pictures and clips that people bring: the publisher's image and own creatives.

A file is looked at here no further than its first bytes. What it holds is decoded by a worker, in
the sandbox; the page of its video tells what became of it.
"""

import hashlib
import re

from django.conf import settings
from django.core.files import File
from django.db import transaction

from experiments.audit import record_act
from experiments.errors import InvalidValuesError, StateError
from experiments.making.files import keep
from experiments.models import (
    PUBLISHER,
    Creative,
    Experiment,
    ShippedPicture,
    Thumbnail,
    Video,
)
from experiments.models.catalogue import SLUG

MAX_BYTES = 20 * 1024 * 1024
NAME_CHARS = 40
FOLDER = "private/creatives"
KINDS = "JPEG, PNG, GIF, WebP, AVIF, or a short clip as MP4 or WebM"
# JPEG, PNG, GIF, Matroska and WebM; then RIFF with WEBP, and ISO media (MP4, MOV, AVIF).
_SIGNATURES = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8[79]a|\x1aE\xdf\xa3|RIFF....WEBP|....ftyp", re.DOTALL
)


def bring(
    video: Video,
    name: str,
    brought: "File[bytes]",
    *,
    urgency: Video.Urgency = Video.Urgency.PERSON,
) -> Creative:
    """Give the video a creative, in the place of one of the same name, and queue its making.

    Args:
        video: one of the catalogue, with or without a file.
        name: what arms call it; ``PUBLISHER`` for the publisher's image.
        brought: the file, whose name is shown to people and says nothing else.
        urgency: by which its making is queued.

    Raises:
        InvalidValuesError: for a name or a file that cannot be; see `problems`.
        StateError: where a live experiment measures the video's picture of that name.
        OSError: where the storage has no room.
    """
    if found := problems(name, brought):
        raise InvalidValuesError(found)
    brought.seek(0)
    content = brought.read()
    file = keep(FOLDER, content, "")
    with transaction.atomic():
        _lock(video, name)
        creative, _ = Creative.objects.update_or_create(
            video=video,
            name=name,
            defaults={
                "file": file,
                "original_name": str(brought.name or name)[-300:],
                "content_sha256": hashlib.sha256(content).hexdigest(),
                "size_bytes": len(content),
                "error_code": "",
                "error_message": "",
            },
        )
        _queue(video, urgency)
        after = {"as": name, "file": creative.original_name}
        record_act("video", video.slug, "bring a picture", after=after)
    return creative


def remove(creative: Creative) -> None:
    """Take a creative and its thumbnail away; a frame stands in for the publisher's image again.

    Raises:
        StateError: where a live experiment measures it.
    """
    with transaction.atomic():
        _lock(creative.video, creative.name)
        creative.delete()
        said = {"as": creative.name, "file": creative.original_name}
        record_act("video", creative.video.slug, "take a picture away", before=said)
        if creative.is_publishers:
            _queue(creative.video, Video.Urgency.PERSON)


def problems(name: str, brought: "File[bytes]") -> dict[str, str]:
    """Return a sentence for each of name and file that cannot be, by the value's name."""
    found = {"name": name_problem(name), "file": _file_problem(brought)}
    return {value: problem for value, problem in found.items() if problem}


def name_problem(name: str) -> str:
    """Return why a text cannot name a creative; "" where it can."""
    if len(name) > NAME_CHARS or not re.fullmatch(SLUG.removesuffix("$"), name):
        shown = name[:NAME_CHARS]
        return f"name == {shown!r}, must be 1 to {NAME_CHARS} of a to z, A to Z, 0 to 9, - and _"
    if name == PUBLISHER:
        return ""
    chosen = Thumbnail.objects.filter(selector=name, creative=None)
    if name in settings.SELECTORS or chosen.exists():
        return f"name == {name!r} is a selector's: choose another"
    return ""


def _file_problem(brought: "File[bytes]") -> str:
    name, size = brought.name, brought.size
    if not size:
        return f"{name} is empty: bring it again"
    if size > MAX_BYTES:
        most, has = MAX_BYTES // 1024**2, size / 1024**2
        return f"{name} has {has:.1f} MB, must have at most {most} MB: export it smaller"
    brought.seek(0)
    if not _SIGNATURES.match(brought.read(16)):
        return f"{name} is no picture that is taken, whatever its name says: export it as {KINDS}"
    return ""


def measured_by(video: Video) -> dict[str, Experiment]:
    """Return, by name, the live experiment that measures what the video's picture shows.

    What is shipped to everybody is measured by nobody: such a picture may be changed.
    """
    live = video.experiments.filter(state__in=Experiment.LIVE_STATES)
    measuring = live.exclude(decision__holdback=0).select_related("decision__experiment")
    found = {
        selector: experiment
        for experiment in measuring.prefetch_related("arms")
        for selector in (arm.selector for arm in experiment.arms.all())
    }
    mapped = ShippedPicture.objects.filter(video=video, decision__rollout__in=measuring)
    for each in mapped.select_related("decision__rollout__decision__experiment"):
        found.setdefault(each.selector, each.decision.rollout)
    return found


def locked_said(name: str, video: Video, experiment: Experiment) -> str:
    """Return why a picture that an experiment measures is not changed, and what can be done."""
    decision = getattr(experiment, "decision", None)
    if decision is None:
        return (
            f"{experiment.slug} shows {name} of {video.slug} now, and a picture that changes "
            "spoils a test: end it first, or bring the picture under another name"
        )
    return (
        f"{decision.experiment.slug} shipped {name}, and measures it against those who are held "
        f"back: take that decision back, or decide anew and hold nobody back; then {name} of "
        f"{video.slug} can be changed"
    )


def _lock(video: Video, name: str) -> None:
    """Let a worker that makes the video wait, and refuse to change what is measured."""
    video.refresh_from_db(from_queryset=Video.objects.select_for_update())
    if experiment := measured_by(video).get(name):
        raise StateError(locked_said(name, video, experiment))


def _queue(video: Video, urgency: Video.Urgency) -> None:
    """Let a worker make it soon; one that is at the video now looks again at its end."""
    video.urgency, video.attempts, video.retry_at = urgency, 0, None
    if video.state not in {Video.State.MAKING, Video.State.EXTRACTING}:
        video.state, video.error_code, video.error_message = Video.State.WAITING, "", ""
    video.save()
