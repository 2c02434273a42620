"""Arms that may be: by selectors, and by creatives that people brought, for a set of videos."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, QuerySet, Window

from experiments.design import ArmDesign
from experiments.models import PUBLISHER, Creative, Thumbnail, Video

SAMPLES = 3
NAMED = 3  # videos, in a sentence


@dataclass(frozen=True, slots=True, eq=False)
class ArmChoice:
    """What an arm may show.

    Attributes:
        selector: what `ArmDesign` calls it: a selector, or a creative's name.
        is_creative: whether a person brought it; of the control, for any of the videos.
        videos: how many of the videos have its thumbnail.
        samples: of the first videos of the set, each with its thumbnail; None where it has none.
    """

    selector: str
    is_creative: bool
    videos: int
    samples: tuple[tuple[Video, Thumbnail | None], ...]


def arm_choices(videos: QuerySet[Video]) -> list[ArmChoice]:
    """Return all that an arm over these videos may show: three queries, however many there are.

    The control's image comes first, then selectors as the settings name them, then all else.
    """
    shown = Thumbnail.objects.filter(video__in=videos).order_by().values("selector")
    counts = {
        row["selector"]: row
        for row in shown.annotate(videos=Count("pk"), creatives=Count("creative"))
    }
    sampled = list(videos.order_by("pk")[:SAMPLES])
    pictures = {
        (each.video_id, each.selector): each
        for each in Thumbnail.objects.filter(video__in=[video.pk for video in sampled])
    }
    return [
        ArmChoice(
            selector,
            counts[selector]["creatives"] > 0,
            counts[selector]["videos"],
            tuple((video, pictures.get((video.pk, selector))) for video in sampled),
        )
        for selector in sorted(counts, key=_place)
    ]


def creatives_problem(videos: QuerySet[Video], arms: Sequence[ArmDesign]) -> str:
    """Return why the arms' creatives cannot be compared over the videos; "" where they can.

    A selector can make what a video lacks; a creative is there or not.
    """
    shown = {arm.selector for arm in arms} - {PUBLISHER, *settings.SELECTORS}
    if not shown:
        return ""
    usable = Creative.objects.filter(error_code="")
    names = Creative.objects.filter(name__in=shown).values_list("name", flat=True)
    for name in sorted(set(names)):
        having = usable.filter(name=name).values("video")
        lacking = videos.exclude(pk__in=having).order_by("pk").values_list("slug")
        found = list(lacking.annotate(of=Window(Count("pk")))[:NAMED])
        if found:
            count, slugs = found[0][1], ", ".join(slug for slug, _ in found)
            more = " and others" if count > NAMED else ""
            return (
                f"{count:,} of the videos lack{'s' if count == 1 else ''} the creative {name!r} "
                f"({slugs}{more}): bring it, or leave them out"
            )
    return ""


def _place(selector: str) -> tuple[int, str]:
    order = [PUBLISHER, *settings.SELECTORS]
    return order.index(selector) if selector in order else len(order), selector
