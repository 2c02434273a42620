"""Celery's doors, one line each: tasks take ids and may run twice."""

from collections.abc import Callable
from functools import partial
from typing import Any

from celery import shared_task
from django.conf import settings

from experiments.database_away import DATABASE_AWAY
from experiments.events import bots, rollup
from experiments.making import jobs, playable, storyboard_steps, video_frames
from experiments.models import SimulatedTraffic, Video, VideoFrame
from experiments.serving import planned_ends
from experiments.webhooks import sending
from experiments.work_times import may_run, timed

DATABASE_AWAY_S = 10.0
ROLLUP_SHARE = 0.25  # of the time: what comes in needs the database, too
ROLLUP_REST_AT_MOST_S = 60.0
DUE_MARGIN_S = 0.5  # so that the video is due when the task comes


@shared_task(name="make_thumbnails", bind=True, max_retries=None)
def make_thumbnails(self: Any) -> None:
    """Make the thumbnails of the most urgent video that is due."""
    _follow_up(self, jobs.work)


@shared_task(name="send_make_thumbnails")
def send_make_thumbnails(count: int) -> None:
    """Send so many tasks of making: thousands take a while, which no page should wait for."""
    for _ in range(count):
        make_thumbnails.delay()


@shared_task(name="extract_features", bind=True, max_retries=None)
def extract_features(self: Any, video_id: int) -> None:
    """Extract the features of a video that another worker has decoded."""
    _follow_up(self, partial(jobs.extract, video_id))


def _follow_up(task: Any, job: Callable[[], jobs.Sequel | None]) -> None:
    """Do the job, and send what is to follow; the database away is waited for."""
    try:
        sequel = job()
    except DATABASE_AWAY as error:
        raise task.retry(exc=error, countdown=DATABASE_AWAY_S) from error
    if sequel is None:
        return
    if sequel.extract is not None:
        extract_features.apply_async((sequel.extract,), queue=settings.FEATURES_QUEUE)
    else:
        margin_s = DUE_MARGIN_S if sequel.delay_s else 0.0
        make_thumbnails.apply_async(countdown=sequel.delay_s + margin_s)


@shared_task(name="make_playable")
def make_playable() -> None:
    """Make a film that browsers play of the next video that has none, and go on with the others."""
    if playable.make_next():
        make_playable.delay()


@shared_task(name="make_storyboard")
def make_storyboard(video_id: int) -> None:
    """Make the storyboard that a person picks frames from."""
    storyboard_steps.make_storyboard(Video.objects.get(pk=video_id))


@shared_task(name="make_storyboards")
def make_storyboards(after: int = 0) -> None:
    """Make the next storyboard that is missing, and go on with the others.

    Another task has its turn in between: a viewer may wait for a picture.
    """
    video = next(storyboard_steps.lacking(after), None)
    if video is None:
        return
    try:
        storyboard_steps.make_storyboard(video)
    finally:
        make_storyboards.delay(video.pk)


@shared_task(name="send_simulated_viewers")
def send_simulated_viewers(traffic_id: int) -> None:
    """Send some of a group of simulated viewers to a trial and count them; the rest comes after.

    Another task has its turn in between: a worker does one at a time.
    """
    from experiments.studies import trial  # noqa: PLC0415  brings SciPy: 40 MB

    has_more = trial.send(SimulatedTraffic.objects.get(pk=traffic_id))
    rollup.roll_up()
    if has_more:
        send_simulated_viewers.delay(traffic_id)


@shared_task(name="make_frame")
def make_frame(frame_id: int) -> None:
    """Make the picture of a video's second that somebody asked for."""
    video_frames.make_frame(VideoFrame.objects.get(pk=frame_id))


@shared_task(name="two_way")
def two_way() -> None:
    """Renew the errors by viewer and video at once that are older than their counts."""
    from experiments.analysis import two_way as two_way_error  # noqa: PLC0415  brings SciPy: 40 MB

    with timed("two_way"):
        for experiment_id in two_way_error.due():
            two_way_error.compute(experiment_id)


@shared_task(name="renew_summaries")
def renew_summaries() -> None:
    """Renew what lists of experiments show of those whose reports have changed."""
    from experiments.analysis import summaries  # noqa: PLC0415  brings SciPy: 40 MB

    with timed("renew_summaries"):
        summaries.renew()


@shared_task(name="roll_up")
def roll_up() -> None:
    """Count the events that came since the last time, unless that was a moment ago."""
    if may_run("roll_up", ROLLUP_SHARE, ROLLUP_REST_AT_MOST_S):
        with timed("roll_up"):
            rollup.roll_up()


@shared_task(name="ship_due")
def ship_due() -> None:
    """Ship what experiments are set to ship at their planned end."""
    if planned_ends.to_ship().exists():
        from experiments.deciding import schedule  # noqa: PLC0415  brings SciPy: 40 MB

        schedule.ship_due()


@shared_task(name="send_webhooks")
def send_webhooks() -> None:
    """Send the messages to webhooks that are due."""
    with timed("send_webhooks"):
        sending.send_due()


@shared_task(name="flag_bots")
def flag_bots() -> None:
    """Flag suspect viewers of the days that may still have changed; the rollup follows."""
    with timed("flag_bots"):
        bots.flag_last_days(3)
