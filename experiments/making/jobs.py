"""The queue of videos to make: the next one, and what becomes of failures.

The queue is the table of videos: a task names none, it takes the most urgent one that is due. So
priorities, stopping, resuming and retrying need nothing of the broker. Who makes a video holds a
lock of the database session; a video being made whose lock is free has lost its worker.
"""

import errno
import logging
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.db import DatabaseError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from experiments.advisory_locks import VIDEO_LOCK
from experiments.audit import record_act
from experiments.database_away import DATABASE_AWAY
from experiments.events.clock import database_now
from experiments.making import creative_steps, feature_steps, intake, thumbnail_steps
from experiments.making.feature_steps import FeaturesElsewhere
from experiments.models import Experiment, Thumbnail, Video
from experiments.webhooks.kinds import Kind
from experiments.webhooks.outbox import announce
from experiments.work_times import StepTimes

logger = logging.getLogger(__name__)
State = Video.State
UNFINISHED = (State.WAITING, State.MAKING, State.EXTRACTING)
RETRY_AFTER_S = (15.0, 60.0, 240.0)  # then it is given up
MAX_ATTEMPTS = len(RETRY_AFTER_S) + 1
LOST = "worker_lost"
UNEXPECTED = "unexpected"
PASSING = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EAGAIN, errno.EMFILE, errno.ENFILE}
ENOUGH_SPOOLED_S = 5.0


@dataclass(frozen=True, slots=True)
class Sequel:
    """What a task asks for at its end.

    Attributes:
        delay_s: until there is a video to make again.
        extract: primary key of the video whose features are to be extracted; None for another go
            at the queue.
    """

    delay_s: float = 0.0
    extract: int | None = None


def work() -> Sequel | None:
    """Check the next file that was brought, or else make the most urgent video that is due.

    Returns:
        what is to follow: where the video is not done with, a file was only checked, or another
        video is due, whose own message may be lost.

    Raises:
        OperationalError: the database is away; the video is taken up again by a later call.
        Exception: whatever is not the file's fault, after it was noted, for the worker's log.
    """
    if intake.check_next():
        return Sequel()
    video = _claim()
    if video is None:
        return None
    try:
        sequel = _attempt(video)
    finally:
        _unlock(video.pk)
    return sequel or (Sequel() if _all_due().exists() else None)


def extract(video_id: int) -> Sequel | None:
    """Extract the features of a video whose frames are spooled, and put it back into the queue.

    Raises:
        OperationalError: the database is away.
        Exception: whatever is not the file's fault, after it was noted, for the worker's log.
    """
    video = Video.objects.filter(pk=video_id, state=State.EXTRACTING).first()
    if video is None or not _lock(video_id):
        return None
    try:
        times = StepTimes()
        _enter(times, video, Video.MakingStep.FEATURES)
        feature_steps.extract(video)
        times.end()
        video.state = State.WAITING
        video.save(update_fields=["state"])
        return Sequel()
    except DATABASE_AWAY:
        raise
    except Exception as error:  # noqa: BLE001  noted, and raised where the file is not at fault
        return _failed(video, error)
    finally:
        _unlock(video_id)


def stop() -> int:
    """Take what waits out of the queue, until it is resumed; return how many that is."""
    waiting = Video.objects.filter(state=State.WAITING)
    return _acted("pause the making", waiting, state=State.STOPPED)


def resume() -> int:
    """Put what was stopped back into the queue; return how many videos are to be made."""
    # What waits for its features does so by a message, which may be lost; its frames are not.
    Video.objects.filter(state=State.EXTRACTING).update(state=State.WAITING)
    stopped = Video.objects.filter(state=State.STOPPED)
    _acted("go on with the making", stopped, state=State.WAITING)
    return Video.objects.filter(state__in=UNFINISHED).count()


def make(videos: QuerySet[Video]) -> int:
    """Put the videos with a file into the queue, for a person waits; return how many that is."""
    waiting = videos.exclude(file="").exclude(state__in=UNFINISHED)
    return _acted(
        "make thumbnails", waiting, state=State.WAITING, urgency=Video.Urgency.PERSON, attempts=0,
        retry_at=None, error_code="", error_message="",
    )  # fmt: skip


def queue() -> QuerySet[Video]:
    """Return the videos that wait, in the order in which they are made."""
    return Video.objects.filter(state=State.WAITING).order_by("-urgency", "pk")


def prioritise(videos: QuerySet[Video], urgency: Video.Urgency) -> int:
    """Give those of the videos that wait another place in the queue; return how many that is."""
    act = "put last in the queue" if urgency == Video.Urgency.BACKFILL else "put first in the queue"
    return _acted(act, videos.filter(state=State.WAITING), urgency=urgency)


def retry(videos: QuerySet[Video]) -> int:
    """Put those of the videos that failed back into the queue; return how many that is."""
    return _acted(
        "try again", videos.filter(state=State.FAILED), state=State.WAITING, attempts=0,
        retry_at=None, error_code="", error_message="",
    )  # fmt: skip


@transaction.atomic
def _acted(act: str, videos: QuerySet[Video], **values: object) -> int:
    """Give videos values, and leave one entry: on the one video, or on the queue and how many."""
    chosen = list(videos.order_by("pk").select_for_update(of=("self",)).values_list("pk", "slug"))
    if len(chosen) == 1:
        record_act("video", chosen[0][1], act)
    elif chosen:
        record_act("making", "queue", act, after={"videos": len(chosen)})
    return Video.objects.filter(pk__in=[pk for pk, _ in chosen]).update(**values)


def renew_outdated() -> tuple[int, int]:
    """Queue, behind all else, what another model or encoder made, or what lacks a file.

    Returns:
        how many videos were queued, and how many were left because an experiment shows them now:
        in its midst a picture must not change.
    """
    made_by = thumbnail_steps.versions()
    current = Q()
    for selector, version in made_by.models.items():
        current |= Q(selector=selector, model_version=version)
    files = Q(shot_length_s__gt=0) & _has_files(made_by.files(moving=True)) | Q(
        shot_length_s=0
    ) & _has_files(made_by.files(moving=False))
    current &= Q(selection=made_by.selection) & files
    chosen = Thumbnail.objects.filter(creative=None, selector__in=made_by.models)
    brought = Thumbnail.objects.exclude(creative=None)
    old = chosen.filter(~current).exclude(video__file="") | brought.filter(~files)
    done = Video.objects.filter(state__in=(State.READY, State.CATALOGUED))
    ready = done.filter(pk__in=old.values("video"))
    shown = ready.filter(experiments__state__in=Experiment.LIVE_STATES).values("pk")
    left = shown.distinct().count()
    queued = ready.exclude(pk__in=list(shown.values_list("pk", flat=True)))
    return queued.update(state=State.WAITING, urgency=Video.Urgency.BACKFILL, attempts=0), left


def _has_files(encoders: dict[str, str]) -> Q:
    """Tell of thumbnails that have a file of each name, by this encoder."""
    wanted = [{"name": name, "encoder": encoder} for name, encoder in encoders.items()]
    return Q(renditions__contains=wanted)


def _claim() -> Video | None:
    """Return the next video, locked and counted as tried once more; None where none is due."""
    return _lost() or _due()


def _lost() -> Video | None:
    """Return a video whose worker is gone."""
    for pk in Video.objects.filter(state=State.MAKING).values_list("pk", flat=True):
        if _lock(pk):
            video = Video.objects.filter(pk=pk, state=State.MAKING).first()
            if video is not None:
                return _begun(video)
            _unlock(pk)
    return None


def _all_due() -> QuerySet[Video]:
    now = database_now()  # which no jump of a worker's clock changes
    return queue().filter(Q(retry_at__isnull=True) | Q(retry_at__lte=now))


def _due() -> Video | None:
    with transaction.atomic():
        video = _all_due().select_for_update(skip_locked=True).first()
        if video is None or not _lock(video.pk):
            return None
        return _begun(video)


def _begun(video: Video) -> Video:
    video.state, video.step = State.MAKING, ""
    video.attempts += 1
    video.save(update_fields=["state", "step", "attempts"])
    return video


def _attempt(video: Video) -> Sequel | None:
    if video.attempts > MAX_ATTEMPTS:
        _give_up(video, LOST, f"its worker ended {MAX_ATTEMPTS} times while making {video}")
        return None
    times = StepTimes()
    try:
        creative_steps.make(video, partial(_enter, times))
        thumbnail_steps.make(video, partial(_enter, times))
    except DATABASE_AWAY:
        raise
    except FeaturesElsewhere as elsewhere:
        return _pass_on(video, spooled=elsewhere.spooled)
    except Exception as error:  # noqa: BLE001  noted, and raised where the file is not at fault
        return _failed(video, error)
    finally:
        times.end()
    return _finish(video)


@transaction.atomic
def _finish(video: Video) -> Sequel | None:
    """Be done with the video, unless a person brought something for it meanwhile."""
    Video.objects.select_for_update().get(pk=video.pk)
    if creative_steps.unmade(video).exists():
        video.state = State.WAITING
        video.save(update_fields=["state"])
        return Sequel()
    _end(video, State.READY if video.file else State.CATALOGUED, attempts=0)
    if video.file:
        announce(Kind.THUMBNAILS_READY, video.slug, {"title": video.title})
    return None


def _pass_on(video: Video, *, spooled: bool) -> Sequel:
    """Leave the video to a worker of features, or for a while where these have enough."""
    if spooled:
        video.state = State.EXTRACTING
        video.save(update_fields=["state"])
        return Sequel(extract=video.pk)
    video.state, video.attempts = State.WAITING, video.attempts - 1
    video.retry_at = database_now() + timedelta(seconds=ENOUGH_SPOOLED_S)
    video.save(update_fields=["state", "attempts", "retry_at"])
    return Sequel(delay_s=ENOUGH_SPOOLED_S)


def _failed(video: Video, error: Exception) -> Sequel | None:
    if _may_pass(error) and video.attempts < MAX_ATTEMPTS:
        return _put_off(video, error)
    _give_up(video, getattr(error, "code", UNEXPECTED), str(error) or repr(error))
    if not getattr(error, "is_the_videos_fault", False):
        raise error
    return None


def _may_pass(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno in PASSING or isinstance(error, ConnectionError | TimeoutError)
    return bool(getattr(error, "may_pass", False))


def _put_off(video: Video, error: Exception) -> Sequel:
    delay_s = RETRY_AFTER_S[video.attempts - 1]
    logger.warning("%s is tried again in %.0f s: %s", video.slug, delay_s, error)
    video.state, video.error_message = State.WAITING, str(error) or repr(error)
    video.retry_at = database_now() + timedelta(seconds=delay_s)
    video.save(update_fields=["state", "error_message", "retry_at"])
    return Sequel(delay_s=delay_s)


def _give_up(video: Video, code: str, message: str) -> None:
    _end(video, State.FAILED, error_code=code, error_message=message)


def _end(
    video: Video,
    state: Video.State,
    *,
    attempts: int | None = None,
    error_code: str = "",
    error_message: str = "",
) -> None:
    video.state, video.finished_at, video.retry_at = state, timezone.now(), None
    video.attempts = video.attempts if attempts is None else attempts
    video.error_code, video.error_message = error_code, error_message
    video.save(
        update_fields=[
            "state", "finished_at", "retry_at", "attempts", "error_code", "error_message",
        ]
    )  # fmt: skip


def _enter(times: StepTimes, video: Video, step: Video.MakingStep) -> None:
    times.begin(step)
    video.step = step
    video.save(update_fields=["step"])


def _lock(pk: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [VIDEO_LOCK, pk])
        return bool(cursor.fetchone() == (True,))


def _unlock(pk: int) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [VIDEO_LOCK, pk])
    except DatabaseError:
        connection.close()  # and with it the lock
