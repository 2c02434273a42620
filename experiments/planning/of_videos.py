"""Facts about a draft's videos that its checklist tells; over thousands they take a while to read.

They are kept until anything changes that the feed serves (docs/lifecycle.md), which says all that
they depend on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Q

from experiments import equal_arms
from experiments.analysis.report.cache import VersionedCache
from experiments.design import ArmDesign, Design
from experiments.models import Experiment, Video
from experiments.serving import overlaps
from experiments.serving.snapshot import read_version

MOST_BYTES = 700_000  # of a page's picture: above it a feed of thirty is slow on a phone


@dataclass(frozen=True, slots=True)
class OfVideos:
    """Facts about a draft's videos.

    Attributes:
        videos: how many.
        complete: how many have a thumbnail for every arm with weight.
        made: how many have one's thumbnail, by what the arms show.
        heavy: slugs of those with a thumbnail of more than `MOST_BYTES`.
        equal: a sentence on those whose arms show the same shots; "" where there are none.
        overlaps: a sentence for each live test that shares some, and their viewers.
    """

    videos: int
    complete: int
    made: Mapping[str, int]
    heavy: tuple[str, ...]
    equal: str
    overlaps: tuple[str, ...]


def of_videos(draft: Experiment) -> OfVideos:
    """Return the facts; call it outside transactions, which might never have been."""
    return _kept.of(draft)


def _read(draft: Experiment) -> OfVideos:
    """Read them: three queries however many arms there are."""
    arms = Design.of(draft).arms
    counted = _count(draft, arms)
    differs = len({arm.selector for arm in arms}) > 1
    found = equal_arms.equal_arms(draft) if differs else []
    return OfVideos(
        counted["videos"],
        counted["complete"],
        {arm.selector: counted[f"of_{place}"] for place, arm in enumerate(arms)},
        tuple(sorted(counted["heavy"])),
        equal_arms.warning(draft, found, counted["videos"]),
        tuple(overlaps.warnings(draft)),
    )


def _count(draft: Experiment, arms: Sequence[ArmDesign]) -> dict[str, Any]:
    """Count the videos, those with each arm's thumbnail (of_0 and so on), and those with all."""
    selectors = [arm.selector for arm in arms]
    each = {
        f"has_{place}": Count("thumbnails", filter=Q(thumbnails__selector=selector))
        for place, selector in enumerate(selectors)
    }
    has = {name.replace("has", "of"): Q(**{f"{name}__gt": 0}) for name in each}
    shown = Q(thumbnails__selector__in=selectors)
    over = Count("thumbnails", filter=shown & Q(thumbnails__size_bytes__gt=MOST_BYTES))
    wanted = [has[f"of_{place}"] for place, arm in enumerate(arms) if arm.weight > 0]
    return (
        Video.objects.filter(experiments=draft)
        .annotate(**each, over=over)
        .aggregate(
            videos=Count("pk"),
            complete=Count("pk", filter=reduce(and_, wanted, ~Q(pk=None))),
            heavy=ArrayAgg("slug", filter=Q(over__gt=0), default=[]),
            **{name: Count("pk", filter=condition) for name, condition in has.items()},
        )
    )


_kept = VersionedCache(_read, version=lambda _: str(read_version()))
