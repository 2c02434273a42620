"""A video's storyboard: its frames on one picture, for the console and, as WebVTT, for players."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from experiments.models import Video
from server.pages.feed import watchable

# Players fetch it by script, also those of other sites; such a request brings no login along.
HEADERS = {"Content-Type": "text/vtt; charset=utf-8", "Access-Control-Allow-Origin": "*"}
MS_PER_S, MS_PER_MIN, MS_PER_H = 1_000, 60_000, 3_600_000


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of a storyboard: what to show of which picture."""

    start_s: float
    url: str
    x: int
    y: int
    width: int
    height: int


def frames(video: Video) -> list[Frame]:
    """Return the storyboard's frames by their times; none where it is not made yet."""
    board = video.storyboard or {}
    if "file" not in board:
        return []
    url, columns = default_storage.url(board["file"]), board["columns"]
    width, height = board["width"], board["height"]
    return [
        Frame(start_s, url, number % columns * width, number // columns * height, width, height)
        for number, start_s in enumerate(board["times_s"])
    ]


@require_safe
def webvtt(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer with a WebVTT file of the frames, which players show over their time line.

    Each cue names a part of the picture by a media fragment (W3C, Media Fragments URI 1.0, 4.2.2).
    """
    video = watchable(request, slug)
    if not (shown := frames(video)):
        raise Http404(f"{slug} has no storyboard yet: its page in the console makes it")
    text = "".join(("WEBVTT\n", *_cues(request, shown, video.duration_s or 0.0)))
    return HttpResponse(text, headers=HEADERS)


def _cues(request: HttpRequest, shown: list[Frame], duration_s: float) -> Iterator[str]:
    starts_s = [0.0, *(frame.start_s for frame in shown[1:])]
    ends_s = max(duration_s, starts_s[-1] + 1)
    for frame, (start_s, end_s) in zip(shown, pairwise([*starts_s, ends_s]), strict=True):
        url = request.build_absolute_uri(frame.url)
        part = f"#xywh={frame.x},{frame.y},{frame.width},{frame.height}"
        yield f"\n{_stamp(start_s)} --> {_stamp(end_s)}\n{url}{part}\n"


def _stamp(time_s: float) -> str:
    ms = round(time_s * MS_PER_S)
    hours, rest = divmod(ms, MS_PER_H)
    minutes, rest = divmod(rest, MS_PER_MIN)
    return f"{hours:02}:{minutes:02}:{rest // MS_PER_S:02}.{rest % MS_PER_S:03}"
