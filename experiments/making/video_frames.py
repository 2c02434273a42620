"""Pictures of a video at whole seconds, made by a worker when somebody asks for one.

Whoever asks writes nothing but one row for each picture that is new, of which there are so many a
minute and so many in all; the oldest go.
"""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from experiments.errors import NotReadyError
from experiments.making import site_settings
from experiments.making.child import run_step
from experiments.making.files import keep, local_copy
from experiments.making.thumbnail_steps import film_part, known_as
from experiments.models import Video, VideoFrame

FRAMES = "frames"  # the folder of those made so far
WIDTHS = (320, 640)
MINUTE = timedelta(minutes=1)


class BusyError(NotReadyError):
    """So many new pictures were asked for within a minute that more have to wait."""


def frame_of(video: Video, second: int, width: int) -> tuple[VideoFrame, bool]:
    """Return the picture's row, and whether it is to be made now: it is new, or was lost.

    Args:
        video: with a file.
        second: from 0 to its duration.
        width: one of WIDTHS, in pixels.

    Raises:
        BusyError: where too many others are asked for.
    """
    frames = VideoFrame.objects.filter(video=video, second=second, width=width)
    frame = frames.first()
    now = timezone.now()
    if frame is not None and (frame.is_done or frame.asked_at > now - MINUTE):
        return frame, False
    lately = VideoFrame.objects.filter(asked_at__gt=now - MINUTE)
    if lately.count() >= settings.FRAMES_A_MINUTE:
        raise BusyError(f"{settings.FRAMES_A_MINUTE} pictures were asked for within a minute")
    frame, _ = frames.update_or_create(
        video=video, second=second, width=width, defaults={"asked_at": now}
    )
    return frame, True


def make_frame(frame: VideoFrame) -> None:
    """Make the picture in a child process; what is wrong with the film is kept in its place."""
    from thumbnailer import steps
    from thumbnailer.errors import VideoError

    video = frame.video
    try:
        with local_copy(video.file) as path:
            asked = (str(path), float(frame.second), frame.width)
            kept = (film_part(video), site_settings.film())
            made = run_step(settings.STEP_TIME_S, steps.frame, *asked, *kept)
        frame.file = keep(FRAMES, made.content, made.file_extension)
    except VideoError as error:
        frame.error_message = str(error).replace(str(path), known_as(video))
    frame.save(update_fields=["file", "error_message"])
    VideoFrame.objects.filter(pk__lte=frame.pk - settings.FRAMES_KEPT).delete()
