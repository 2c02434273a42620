"""Makes storyboards: pictures all through a video, for its page and for players."""

from collections.abc import Iterator

from experiments.making import site_settings
from experiments.making.files import keep, local_copy
from experiments.making.thumbnail_steps import Making, film_part
from experiments.models import Video

STORYBOARDS = "strips"  # the folder of those made so far
STORYBOARD_FRAMES = 60  # all through the video


def make_storyboard(video: Video) -> None:
    """Store the storyboard: frames all through the video, and where candidates' shots begin.

    What goes wrong is kept in its place, in words.
    """
    from thumbnailer import steps

    times_s = _storyboard_times_s(video)
    wanted = {"times_s": times_s, "part": video.film_part}
    if wanted.items() <= (video.storyboard or {}).items():
        return
    try:
        with local_copy(video.file) as path:
            making = Making(video, path, lambda *_: None)
            kept = (film_part(video), site_settings.film())
            made = making.run(Video.MakingStep.STORYBOARD, steps.storyboard, times_s, *kept)
        video.storyboard = {
            "file": keep(STORYBOARDS, made.content, made.file_extension),
            **wanted,
            "columns": made.columns,
            "width": made.width,
            "height": made.height,
        }
    except Exception as error:
        video.storyboard = {"error": str(error) or repr(error), **wanted}
        if not getattr(error, "is_the_videos_fault", False):
            raise
    finally:
        video.save(update_fields=["storyboard"])


def lacking(after: int = 0) -> Iterator[Video]:
    """Yield ready videos without an up-to-date storyboard, in order of their numbers.

    Args:
        after: the number of the video behind which to begin.
    """
    ready = Video.objects.filter(state=Video.State.READY, pk__gt=after).exclude(file="")
    videos = ready.order_by("pk").prefetch_related("thumbnails").iterator(chunk_size=100)
    yield from filter(lacks_storyboard, videos)


def lacks_storyboard(video: Video) -> bool:
    """Tell whether the video has a file, and no storyboard of the frames that it should show."""
    made = video.storyboard or {}
    return bool(video.file) and made.get("times_s") != _storyboard_times_s(video)


def _storyboard_times_s(video: Video) -> list[float]:
    """Return the times of the frames that the storyboard should show."""
    length_s = video.duration_s or 0.0
    shares = [(part + 0.5) / STORYBOARD_FRAMES for part in range(STORYBOARD_FRAMES)]
    times_s = {round(length_s * share, 2) for share in shares}
    for thumbnail in video.thumbnails.all():
        times_s.update(start_s for shots, *_ in thumbnail.candidates for start_s in shots)
        times_s.update(thumbnail.shots_s)
    return sorted(times_s)
