"""A video's picture at a whole second, by its address."""

from math import ceil

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from experiments.making.video_frames import WIDTHS, BusyError, frame_of
from experiments.models import Video
from experiments.tasks import make_frame
from server.pages.feed import watchable

AGAIN_IN_S, AGAIN_WHEN_BUSY_S = 2, 60
KEPT_S = 3600


@require_safe
def video_frame(request: HttpRequest, slug: str, width: int, second: int) -> HttpResponse:
    """Lead to the picture, or have it made and say when to come again (RFC 9110, 15.6.4)."""
    video = watchable(request, slug)
    _check(video, width, second)
    try:
        frame, is_new = frame_of(video, second, width)
    except BusyError as error:
        return _later(str(error), AGAIN_WHEN_BUSY_S)
    if is_new:
        make_frame.delay(frame.pk)
    if frame.error_message:
        raise Http404(frame.error_message)
    if not frame.file:
        return _later("the picture is being made", AGAIN_IN_S)
    response = redirect(default_storage.url(frame.file))
    response["Cache-Control"] = f"max-age={KEPT_S}"
    return response


def _check(video: Video, width: int, second: int) -> None:
    """Raise Http404 where there can be no such picture, so that nobody is asked to make it."""
    if width not in WIDTHS:
        raise Http404(f"width == {width}, must be {' or '.join(map(str, WIDTHS))}")
    if not video.file or video.duration_s is None:
        raise Http404(f"{video.slug} has no film, or is not looked at yet")
    if second >= ceil(video.duration_s):
        raise Http404(f"second == {second}, must be below {video.duration_s:g}")


def _later(reason: str, seconds: int) -> HttpResponse:
    response = HttpResponse(f"{reason}\n", status=503, content_type="text/plain; charset=utf-8")
    response["Retry-After"], response["Cache-Control"] = str(seconds), "no-store"
    return response
