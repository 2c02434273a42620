"""Brings files into the catalogue: received in pieces, checked in the sandbox, then taken in.

The queue of checks is the table of intakes, as that of making is the table of videos. A web
process only receives: what looks into a file is a worker's.
"""

import fcntl
import logging
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils import timezone

from experiments.audit import Actor, acting, actor
from experiments.door import Door
from experiments.errors import ExperimentError, IntakeError
from experiments.making import creatives, shared_work, thumbnail_steps, video_import
from experiments.making.containers import LOOKED_AT_BYTES, lie
from experiments.making.video_import import Credit
from experiments.models import PUBLISHER, Intake, Video

logger = logging.getLogger(__name__)
BLOCK_BYTES = 256 * 1024
KEPT_UNFINISHED = timedelta(days=7)
MAX_ATTEMPTS = 3
MB = 1_000_000
State = Intake.State


class CheckLostError(Exception):
    """A check had no answer, which says nothing of the file."""


class Readable(Protocol):
    """Bytes that come by and by."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes; none at the end."""


class OffsetError(IntakeError):
    """A piece does not begin where the last one ended.

    Attributes:
        offset: where it should.
    """

    def __init__(self, offset: int) -> None:
        super().__init__(f"the next piece begins at byte {offset}")
        self.offset = offset


def begin(name: str, size_bytes: int, *, who: str, changed_ms: int = 0) -> Intake:
    """Return the place for a file's pieces; that of a file which this person has begun to send.

    Raises:
        IntakeError: where it cannot be a video that is taken.
    """
    if problem := video_import.name_problem(name) or size_problem(name, size_bytes):
        raise IntakeError(problem)
    _forget_unfinished()
    sent = {"name": name[-300:], "size_bytes": size_bytes, "changed_ms": changed_ms, "who": who}
    begun = Intake.objects.filter(**sent, path="", state=State.RECEIVING).first()
    return begun or Intake.objects.create(**sent, door=actor().door)


def size_problem(name: str, size_bytes: int) -> str:
    """Return why a file of this size is not taken; "" where it may be."""
    most = settings.LARGEST_VIDEO_MB * MB
    if size_bytes <= 0:
        return f"{name} is empty: its export or copy broke off"
    if size_bytes > most:
        return (
            f"{name} has {size_bytes / MB:,.0f} MB, at most {settings.LARGEST_VIDEO_MB:,} MB are "
            "taken: export it smaller, or raise COVERLIFT_LARGEST_VIDEO_MB"
        )
    return ""


def place(intake: Intake) -> Path:
    """Return where the file lies: its pieces' own place, or where it was named on the server."""
    return Path(intake.path) if intake.path else Path(settings.UPLOADS_ROOT) / intake.key.hex


def offset(intake: Intake) -> int:
    """Return how many bytes have been received."""
    if intake.state != State.RECEIVING:
        return intake.size_bytes
    return place(intake).stat().st_size if place(intake).exists() else 0


def receive(intake: Intake, start: int, piece: Readable) -> int:
    """Add a piece of the file, and return where the next one begins; the last queues the check.

    A connection that breaks off leaves what came: the sender asks for the offset and goes on.

    Raises:
        OffsetError: where the piece does not begin at the offset.
        IntakeError: where the first bytes are no video's, or there are too many: it is refused.
    """
    place(intake).parent.mkdir(parents=True, exist_ok=True)
    place(intake).touch()  # another machine may have begun
    with place(intake).open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # of two connections with one file, one is late
        end = file.seek(0, 2)
        if start != end:
            raise OffsetError(end)
        while block := piece.read(BLOCK_BYTES):
            file.write(block)
        end = file.tell()
        file.seek(0)
        first_bytes = file.read(LOOKED_AT_BYTES)
    if problem := _surplus(intake, end) or lie(intake.name, first_bytes):
        refuse(intake, problem)
        raise IntakeError(problem)
    if end == intake.size_bytes:
        _hand_on(intake, start)
        Intake.objects.filter(pk=intake.pk, state=State.RECEIVING).update(state=State.CHECKING)
    return end


def _hand_on(intake: Intake, start: int) -> None:
    """Let every worker reach the whole file; where that fails its last piece is to come again."""
    if not shared_work.is_in_bucket():
        return
    try:
        shared_work.send_upload(place(intake))
    except OSError:
        os.truncate(place(intake), start)
        raise


def refuse(intake: Intake, reason: str) -> None:
    """Say why the file is not taken, and let go of what was sent of it."""
    intake.state, intake.reason = State.REFUSED, reason
    intake.save(update_fields=["state", "reason"])
    _let_go(intake)


def check_next() -> bool:
    """Check the file that has waited longest and take it in; tell whether there was one.

    The row is locked meanwhile: where this worker is lost, another takes it up.
    """
    with transaction.atomic():
        waiting = Intake.objects.select_for_update(skip_locked=True).filter(state=State.CHECKING)
        intake = waiting.order_by("attempts", "pk").first()
        if intake is None:
            return False
        # Whoever brought it acts, though a worker does it.
        with acting(lambda: Actor(intake.who, Door(intake.door))):
            _decide(intake)
    return True


def _decide(intake: Intake) -> None:
    try:
        intake.video = _taken(intake)
    except IntakeError as error:
        refuse(intake, str(error))
        return
    except CheckLostError as error:
        _put_off(intake, error)
        return
    intake.state = State.TAKEN
    intake.save(update_fields=["state", "video"])
    if intake.image:
        _bring_image(intake, intake.video)
    transaction.on_commit(lambda: _let_go(intake))


def _bring_image(intake: Intake, video: Video) -> None:
    """Give the video its publisher's image, which was looked at when the table was read."""
    try:
        with Path(intake.image).open("rb") as file:
            brought = File(file, Path(intake.image).name)
            creatives.bring(video, PUBLISHER, brought, urgency=Video.Urgency(video.urgency))
    except (ExperimentError, OSError) as error:
        logger.warning("%s does without its publisher's image: %s", video.slug, error)


def _put_off(intake: Intake, error: CheckLostError) -> None:
    """Let the others go first, and give up in the end."""
    intake.attempts += 1
    intake.save(update_fields=["attempts"])
    if intake.attempts == MAX_ATTEMPTS:
        refuse(intake, f"{intake.name} could not be checked ({error}): bring it again")


def _taken(intake: Intake) -> Video:
    """Return the video that the file has become.

    Raises:
        IntakeError: where it is refused.
        CheckLostError: where the bucket does not give it.
    """
    credit = Credit(intake.title or video_import.title_of(intake.name), intake.licence,
                    intake.source or intake.name, intake.channel, intake.published_at)  # fmt: skip
    try:
        with _at_hand(intake) as path:
            return video_import.accept(path, intake.name, credit, check=_seconds(intake))
    except OSError as error:
        raise CheckLostError(str(error)) from error


def _at_hand(intake: Intake) -> AbstractContextManager[Path]:
    path = place(intake)
    return nullcontext(path) if intake.path else shared_work.brought_upload(path)


def _seconds(intake: Intake) -> Callable[[Path], float]:
    """Return what tells a video's length.

    It raises IntakeError where there is no video that can be used, with the name that people know,
    and CheckLostError where that could not be found out.
    """

    def seconds(path: Path) -> float:
        try:
            with path.open("rb") as file:
                problem = lie(intake.name, file.read(LOOKED_AT_BYTES))
            if problem:
                raise IntakeError(problem)
            return thumbnail_steps.seconds_of(path)
        except Exception as error:
            if not hasattr(error, "code"):
                raise
            said = str(error).replace(str(path), intake.name)
            is_lost = getattr(error, "may_pass", False)
            raise (CheckLostError(said) if is_lost else IntakeError(said)) from error

    return seconds


def _let_go(intake: Intake) -> None:
    if not intake.path:
        shared_work.delete_upload(place(intake))


def _surplus(intake: Intake, end: int) -> str:
    if end <= intake.size_bytes:
        return ""
    return f"{intake.name} is longer than the {intake.size_bytes:,} bytes announced: send it again"


def forget_refused(before: datetime) -> int:
    """Forget the files that were begun before and refused; return how many that is."""
    return Intake.objects.filter(state=State.REFUSED, begun_at__lt=before).delete()[0]


def _forget_unfinished() -> None:
    """Delete what somebody began to send and left."""
    left = timezone.now() - KEPT_UNFINISHED
    for intake in Intake.objects.filter(state=State.RECEIVING, begun_at__lt=left):
        _let_go(intake)
        intake.delete()
