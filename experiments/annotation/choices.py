"""The blind choice between two GIFs of one video: what is shown next, and what was said.

Pairs that have been answered least come first. Which of the two lies on the left changes from one
time to the next for each pair of selectors and annotator, beginning by chance.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from zlib import crc32

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Q, QuerySet

from experiments.audit import record_act
from experiments.models import Choice, Thumbnail, Video

_MOVING = Q(thumbnails__creative=None, thumbnails__shot_length_s__gt=0)
MOST_VIDEOS = 200  # that a pair is drawn from


@dataclass(frozen=True, slots=True)
class Pair:
    """Two GIFs of one video that show different shots, as they lie on the page."""

    left: Thumbnail
    right: Thumbnail


def next_pair(annotator: User) -> Pair | None:
    """Return a pair with the fewest answers, of the videos that this annotator answered least."""
    videos = _videos(annotator)
    said = Choice.objects.filter(video__in=videos)
    answered = Counter(_keys(said))
    own = set(_keys(said.filter(annotator=annotator)))
    open_pairs = [
        (answered[key], crc32(f"{annotator.pk} {key[0]} {sorted(key[1])}".encode()), pair)
        for key, pair in _pairs(videos)
        if key not in own
    ]
    if not open_pairs:
        return None
    _, chance, (one, other) = min(open_pairs, key=lambda each: each[:2])
    return _laid_out(one, other, annotator, chance)


def answered_by(annotator: User) -> int:
    """Return how many pairs this annotator has answered."""
    return Choice.objects.filter(annotator=annotator).count()


@transaction.atomic
def choose(pair: Pair, annotator: User, answer: Choice.Answer) -> None:
    """Store what the annotator says of the pair, and who said it in the audit log."""
    video = pair.left.video
    Choice.objects.create(
        video=video, annotator=annotator, answer=answer,
        left=pair.left.selector, left_shots_s=pair.left.shots_s,
        right=pair.right.selector, right_shots_s=pair.right.shots_s,
    )  # fmt: skip
    said = {"left": pair.left.selector, "right": pair.right.selector, "answer": answer.value}
    record_act("choice", video.slug, "choose between two", after=said)


Key = tuple[int, frozenset[str]]  # of a pair: its video, and what the two show


def _videos(annotator: User) -> list[int]:
    """Return videos with two GIFs or more, first what this annotator, then all answered least."""
    gifs = Count("thumbnails", filter=_MOVING, distinct=True)
    own = Count("choices", filter=Q(choices__annotator=annotator), distinct=True)
    said = Count("choices", distinct=True)
    found = Video.objects.annotate(gifs=gifs, own=own, said=said).filter(gifs__gte=2)
    return list(found.order_by("own", "said", "pk").values_list("pk", flat=True)[:MOST_VIDEOS])


def _pairs(videos: list[int]) -> Iterator[tuple[Key, tuple[Thumbnail, Thumbnail]]]:
    """Yield each pair of GIFs of one video that show different shots."""
    moving = Thumbnail.objects.filter(creative=None, shot_length_s__gt=0, video__in=videos)
    shown: dict[int, list[Thumbnail]] = {}
    for each in moving.select_related("video").order_by("video", "selector"):
        shown.setdefault(each.video_id, []).append(each)
    for video, thumbnails in shown.items():
        for one, other in combinations(thumbnails, 2):
            key = video, frozenset({_shots(one.shots_s), _shots(other.shots_s)})
            if len(key[1]) > 1:
                yield key, (one, other)


def _keys(choices: QuerySet[Choice]) -> Iterator[Key]:
    for video, left, right in choices.values_list("video", "left_shots_s", "right_shots_s"):
        yield video, frozenset({_shots(left), _shots(right)})


def _shots(shots_s: list[float]) -> str:
    return " ".join(f"{start_s:g}" for start_s in sorted(shots_s))


def _laid_out(one: Thumbnail, other: Thumbnail, annotator: User, chance: int) -> Pair:
    """Put on the left what was there less often, of these selectors and for this annotator."""
    said = Choice.objects.filter(annotator=annotator)
    first = said.filter(left=one.selector, right=other.selector).count()
    second = said.filter(left=other.selector, right=one.selector).count()
    swapped = first > second if first != second else chance % 2 == 1
    return Pair(other, one) if swapped else Pair(one, other)
