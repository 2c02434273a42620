"""Every video's pictures, read again only where rows of thumbnails have changed."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection
from django.db.models import TextField
from django.db.models.functions import Cast

from experiments.models import Thumbnail
from experiments.serving.pictures import ThumbnailCard, card

# Postgres gives each version of a row another transaction and place.
_VERSIONS = """
SELECT video_id, sum(hashtextextended((id, xmin, ctid)::text, 0))::text
FROM experiments_thumbnail GROUP BY video_id
"""


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """What there is to show of every video.

    Attributes:
        by_video: by the video's primary key, its pictures by selector.
        versions: by the same, a text that changes with any row of the video's thumbnails.
    """

    by_video: dict[int, dict[str, ThumbnailCard]]
    versions: dict[int, str]


def read_pictures(before: Pictures | None = None) -> Pictures:
    """Read the present pictures; those of videos whose rows are as before are taken over.

    The versions come first: what changes between is read in its newer state, and once more the
    next time.
    """
    with connection.cursor() as cursor:
        cursor.execute(_VERSIONS)
        versions = dict(cursor.fetchall())
    known = before or Pictures({}, {})
    same = {pk for pk, version in versions.items() if known.versions.get(pk) == version}
    kept = {pk: known.by_video[pk] for pk in same if pk in known.by_video}
    changed = versions.keys() - kept.keys()
    return Pictures(kept | _read(changed, whole=not kept), versions)


def _read(videos: Collection[int], *, whole: bool) -> dict[int, dict[str, ThumbnailCard]]:
    """Read the pictures of some videos, or of the whole table."""
    if not videos:
        return {}
    # Values, not models: there are tens of thousands.
    rows = Thumbnail.objects.order_by("pk")
    shown = (rows if whole else rows.filter(video__in=videos)).values_list(
        "video_id", "selector", "file", "media_type", "width", "height",
        Cast("renditions", TextField()),
    )  # fmt: skip
    pictures: dict[int, dict[str, ThumbnailCard]] = {}
    for video_id, selector, *of_card in shown:
        pictures.setdefault(video_id, {})[selector] = card(*of_card)
    return pictures
