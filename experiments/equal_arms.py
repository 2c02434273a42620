"""Videos on which arms show the same shots: they can tell nothing of a difference between these.

They take views all the same and draw every effect towards zero, so every door says how many there
are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from experiments.models import Experiment

NAMED = 3  # videos, in a sentence

# Two arrays are the same in any order where each holds the other. What was made before shots had a
# key is not judged.
_PAIRS = """
WITH shown AS MATERIALIZED (
    SELECT arm.index, made.video_id, made.shot_length_s, made.shots_s,
        CASE WHEN made.creative_id IS NULL THEN '' ELSE made.frames_key END AS creative
    FROM experiments_arm AS arm
    JOIN experiments_experiment_videos AS of_it USING (experiment_id)
    JOIN experiments_thumbnail AS made
        ON made.video_id = of_it.video_id AND made.selector = arm.selector
    WHERE experiment_id = %s AND made.frames_key <> ''
), pairs AS MATERIALIZED (
    SELECT video_id, one.index AS one, other.index AS other
    FROM shown AS one JOIN shown AS other USING (video_id, shot_length_s, creative)
    WHERE one.index < other.index
        AND one.shots_s @> other.shots_s AND other.shots_s @> one.shots_s
        AND jsonb_array_length(one.shots_s) = jsonb_array_length(other.shots_s)
)
SELECT video.slug, one, other FROM pairs JOIN experiments_video AS video ON video.id = video_id
ORDER BY video_id, one, other"""


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
    with connection.cursor() as cursor:
        cursor.execute(_PAIRS, [experiment.pk])
        pairs = cursor.fetchall()
    alike: dict[tuple[str, int], list[int]] = {}
    first_of: dict[tuple[str, int], int] = {}
    for slug, one, other in pairs:
        first = first_of.setdefault((slug, one), one)
        if first == one:  # all that are like the first are pairs with it
            first_of[slug, other] = one
            alike.setdefault((slug, one), [one]).append(other)
    names = {arm.index: arm.name for arm in experiment.arms.all()} if alike else {}
    return [EqualArms(slug, tuple(names[arm] for arm in arms)) for (slug, _), arms in alike.items()]


def warning(experiment: Experiment, found: Sequence[EqualArms], videos: int) -> str:
    """Return a sentence where arms show the same shots of some of so many videos; else ""."""
    slugs = list(dict.fromkeys(each.video for each in found))
    if not slugs:
        return ""
    named = ", ".join(slugs[:NAMED]) + (" and others" if len(slugs) > NAMED else "")
    return (
        f"{experiment.slug}: arms show the same shots of {len(slugs):,} of {videos:,} videos "
        f"({named}): these can show no difference between such arms. Leave them out of a draft, "
        "or let one arm show its next candidate that differs, on the video's page."
    )
