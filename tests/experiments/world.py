"""A small site for tests: ready videos with thumbnails, one running experiment of three arms."""

from django.utils import timezone

from experiments.models import Arm, Experiment, Thumbnail, Video
from experiments.serving import allocation_phases, feed

SELECTORS = ("raw", "re_seq2seq", "gevaden")
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0"


def make_video(slug: str, selectors: tuple[str, ...] = SELECTORS) -> Video:
    """Make a ready video with a thumbnail by each selector."""
    video = Video.objects.create(slug=slug, title=slug.title(), state=Video.State.READY,
                                 duration_s=12.5)  # fmt: skip
    Thumbnail.objects.bulk_create(
        Thumbnail(
            video=video, selector=selector, model_version="1", size_bytes=1, width=320, height=180,
            media_type="image/jpeg" if selector == "raw" else "image/gif",
            file=f"thumbnails/{slug}-{selector}", shots_s=[0], candidates=[],
            renditions=make_renditions(f"thumbnails/{slug}-{selector}", moves=selector != "raw"),
        )
        for selector in selectors
    )  # fmt: skip
    return video


def make_renditions(name: str, *, moves: bool) -> list[dict[str, object]]:
    """Make the entries of a thumbnail's files, the first that of the fallback."""
    moving = {
        "gif": ("image/gif", 600),
        "webp": ("image/webp", 300),
        "avif": ("image/avif", 100),
        "mp4": ("video/mp4", 120),
        "avif-2x": ("image/avif", 250),
    }
    stills = {"still": ("image/jpeg", 50), "still-2x": ("image/jpeg", 150)}
    kinds = {**(moving if moves else {}), **stills}
    return [
        {"name": kind, "file": name if number == 0 else f"{name}.{kind}",
         "width": 640 if kind.endswith("2x") else 320,
         "height": 360 if kind.endswith("2x") else 180, "media_type": media_type,
         "size_bytes": size_bytes, "encoder": "1"}
        for number, (kind, (media_type, size_bytes)) in enumerate(kinds.items())
    ]  # fmt: skip


def make_experiment(
    slug: str = "pilot",
    videos: int = 3,
    weights: tuple[float, ...] = (1, 1, 1),
    **fields: object,
) -> Experiment:
    """Make a running experiment over new videos, and let the feed know of it."""
    experiment = Experiment.objects.create(
        slug=slug, name=slug, salt=f"salt of {slug}", state=Experiment.State.RUNNING,
        started_at=timezone.now(), **fields,
    )  # fmt: skip
    Arm.objects.bulk_create(
        Arm(experiment=experiment, index=index, name=SELECTORS[index], selector=SELECTORS[index],
            weight=weight)
        for index, weight in enumerate(weights)
    )  # fmt: skip
    experiment.videos.set([make_video(f"{slug}-{i}") for i in range(videos)])
    allocation_phases.start(experiment)
    feed.refresh()
    return experiment
