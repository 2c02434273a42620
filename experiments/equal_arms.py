"""Videos on which arms show the same shots: they can tell nothing of a difference between these.

They take views all the same and draw every effect towards zero, so every door says how many there
are.
"""

from collections import defaultdict
from dataclasses import dataclass
from operator import attrgetter

from experiments.models import Experiment, Thumbnail

NAMED = 3  # videos, in a sentence


@dataclass(frozen=True, slots=True)
class EqualArms:
    """Arms that show the same shots of one video.

    Attributes:
        video: its slug.
        arms: their names, two or more, in the order of the experiment.
    """

    video: str
    arms: tuple[str, ...]


def equal_arms(experiment: Experiment) -> list[EqualArms]:
    """Return every set of arms that show the same shots of a video of the experiment, by video."""
    of_selector = defaultdict(list)
    for arm in sorted(experiment.arms.all(), key=attrgetter("index")):
        of_selector[arm.selector].append(arm.name)
    # What was made before shots had a key is not judged.
    shown = Thumbnail.objects.filter(video__experiments=experiment, selector__in=of_selector)
    known = shown.exclude(frames_key="").select_related("video").order_by("video", "selector")
    fields = ("selector", "shots_s", "shot_length_s", "creative_id", "frames_key", "video__slug")
    alike: dict[tuple[str, object], list[str]] = defaultdict(list)
    for each in known.only(*fields):
        alike[each.video.slug, each.shots_shown] += of_selector[each.selector]
    order = [arm for arms in of_selector.values() for arm in arms]
    return [
        EqualArms(slug, tuple(sorted(arms, key=order.index)))
        for (slug, _), arms in alike.items()
        if len(arms) > 1
    ]


def warnings(experiment: Experiment) -> list[str]:
    """Return a sentence where arms show the same shots of some videos; none elsewhere."""
    slugs = list(dict.fromkeys(each.video for each in equal_arms(experiment)))
    if not slugs:
        return []
    named = ", ".join(slugs[:NAMED]) + (" and others" if len(slugs) > NAMED else "")
    said = (
        f"{experiment.slug}: arms show the same shots of {len(slugs):,} of "
        f"{experiment.videos.count():,} videos ({named}): these can show no difference between "
        "such arms. Leave them out of a draft, or let one arm show its next candidate that "
        "differs, on the video's page."
    )
    return [said]
