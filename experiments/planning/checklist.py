"""The checklist before a launch: what must be, what should be, and the act that mends each.

What blocks is what `lifecycle.start` refuses, in its own words.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from math import isnan

from django.db.models import Count, Q, prefetch_related_objects
from django.utils import timezone

from experiments import equal_arms
from experiments.analysis import queries
from experiments.analysis.report.cache import current
from experiments.analysis.report.formatting import percent, whole
from experiments.analysis.report.verdict import Kind
from experiments.errors import StateError
from experiments.models import Experiment, Thumbnail, Video
from experiments.planning.length import Outlook, Traffic, traffic_of
from experiments.serving import overlaps
from experiments.serving.arm_choices import creatives_problem
from experiments.serving.design import Design
from experiments.serving.preconditions import (
    must_have_its_slice,
    must_have_thumbnails,
    with_thumbnails,
)
from experiments.stopping import StoppingRule

MOST_BYTES = 700_000  # of a page's picture: above it a feed of thirty is slow on a phone
HARDLY_ANY_LIFT = 0.5
EMBED_SEEN = timedelta(hours=2)  # hours are counted whole
NAMED = 3


class Level(StrEnum):
    """The weight of a point of the list."""

    OK = "ok"
    WARNING = "warning"
    BLOCKING = "blocking"


class Remedy(StrEnum):
    """The act that mends a point."""

    NONE = ""
    MAKE = "make"  # the thumbnails that are missing
    LEAVE_OUT_EQUAL = "leave_out_equal"
    LEAVE_OUT_SHARED = "leave_out_shared"


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the list.

    Attributes:
        about: in one or two words.
        level: whether it is met, and if not, whether it blocks.
        says: a sentence.
        remedy: the act that mends it, if one does.
    """

    about: str
    level: Level
    says: str
    remedy: Remedy = Remedy.NONE


@dataclass(frozen=True, slots=True)
class _Made:
    """How many videos have one arm's thumbnail, and of how many it is too heavy."""

    videos: int = 0
    heavy: int = 0


NOTHING = _Made()


def checklist(draft: Experiment) -> list[Point]:
    """Return every point, in the order of the steps."""
    prefetch_related_objects([draft], "arms")
    design = Design.of(draft)
    videos, made = draft.videos.count(), _made(draft, design)
    return [
        *_design(draft, design),
        *_thumbnails(draft, design, videos, made),
        *_budget(draft, made),
        *_equal_arms(draft, design),
        *_power(draft, outlook_of(draft, design, videos)),
        *_overlaps(draft),
        *_embed(draft),
        *_fair_counting(draft),
    ]


def outlook_of(draft: Experiment, design: Design, videos: int) -> Outlook:
    """Return a draft as its length depends on it."""
    weights = [arm.weight for arm in design.arms]
    total = sum(weights) or 1.0
    return Outlook(
        videos=videos,
        traffic=_traffic(draft),
        shares=tuple(weight / total * (1 - draft.holdback) for weight in weights) or (0.0,),
        level=draft.level,
        rule=StoppingRule(draft.stopping_rule),
        looks=draft.looks,
    )


def _traffic(draft: Experiment) -> Traffic:
    counted = traffic_of(draft.videos.all())
    expected = draft.expected_views
    return counted if expected is None else replace(counted, views_a_day=expected)


def _design(draft: Experiment, design: Design) -> Iterator[Point]:
    for problem in design.problems(draft).values():
        yield Point("plan", Level.BLOCKING, problem)
    if problem := creatives_problem(draft.videos.all(), design.arms):
        yield Point("creatives", Level.BLOCKING, problem)
    try:
        must_have_its_slice(draft)
    except StateError as error:
        yield Point("layer", Level.BLOCKING, str(error))


def _made(draft: Experiment, design: Design) -> dict[str, _Made]:
    """Return what is made of the videos, by what the arms show."""
    selectors = {arm.selector for arm in design.arms}
    shown = Thumbnail.objects.filter(video__experiments=draft, selector__in=selectors).order_by()
    heavy = Count("pk", filter=Q(size_bytes__gt=MOST_BYTES))
    rows = shown.values_list("selector").annotate(Count("pk"), heavy=heavy)
    return {selector: _Made(videos, heavy) for selector, videos, heavy in rows}


def _thumbnails(
    draft: Experiment, design: Design, of: int, made: Mapping[str, _Made]
) -> Iterator[Point]:
    missing = "; ".join(_missing(design, of, made))
    if of and not missing:
        yield Point("thumbnails", Level.OK, f"{_videos(of)}, all with every arm's thumbnail.")
        return
    try:
        must_have_thumbnails(draft, design.arms)
    except StateError as error:
        remedy = Remedy.MAKE if of else Remedy.NONE
        yield Point("thumbnails", Level.BLOCKING, str(error), remedy)
        return
    complete = with_thumbnails(Video.objects.filter(experiments=draft), design.arms).count()
    said = f"{_videos(of - complete)} of {whole(of)} would be left out: {missing}."
    yield Point("thumbnails", Level.WARNING, said, Remedy.MAKE)


def _missing(design: Design, of: int, made: Mapping[str, _Made]) -> Iterator[str]:
    for arm in design.arms:
        there = made.get(arm.selector, NOTHING).videos
        if arm.weight > 0 and there < of:
            yield f"{whole(of - there)} without that of {arm.name}"


def _budget(draft: Experiment, made: Mapping[str, _Made]) -> Iterator[Point]:
    heavy = [selector for selector, each in made.items() if each.heavy]
    if not heavy:
        said = f"No thumbnail weighs more than {MOST_BYTES // 1000} kB."
        yield Point("page weight", Level.OK, said)
        return
    shown = Thumbnail.objects.filter(video__experiments=draft, selector__in=heavy)
    over = shown.filter(size_bytes__gt=MOST_BYTES).order_by("video__slug")
    slugs = list(over.values_list("video__slug", flat=True).distinct())
    named = ", ".join(slugs[:NAMED]) + (" and others" if len(slugs) > NAMED else "")
    said = (
        f"Thumbnails of {_videos(len(slugs))} weigh more than {MOST_BYTES // 1000} kB "
        f"({named}): pages with them are slow, which may cost clicks."
    )
    yield Point("page weight", Level.WARNING, said)


def _videos(number: int) -> str:
    return f"{whole(number)} video{'s' if number != 1 else ''}"


def _equal_arms(draft: Experiment, design: Design) -> Iterator[Point]:
    if len({arm.selector for arm in design.arms}) == 1:
        said = "All arms show the same pictures: an A/A test, which must find no difference."
        yield Point("same pictures", Level.OK, said)
        return
    found = equal_arms.warnings(draft)
    for said in found:
        yield Point("same pictures", Level.WARNING, said, Remedy.LEAVE_OUT_EQUAL)
    if not found:
        yield Point("same pictures", Level.OK, "No video shows the same shots in two arms.")


def _power(draft: Experiment, outlook: Outlook) -> Iterator[Point]:
    if isnan(outlook.traffic.views_a_day):
        said = "Nothing is counted of these videos yet, so nobody knows what it can see."
        yield Point("length", Level.WARNING, said)
    elif draft.planned_days is None:
        yield Point("length", Level.OK, "No end is planned: it runs until you end it.")
    else:
        seen = outlook.lift_seen(draft.planned_days)
        views = whole(round(outlook.traffic.views_a_day))
        at = f"In {draft.planned_days} days at {views} views a day"
        if isnan(seen) or seen > HARDLY_ANY_LIFT:
            said = f"{at} it sees hardly any difference: plan more days, or fewer arms."
            yield Point("length", Level.WARNING, said)
        else:
            yield Point("length", Level.OK, f"{at} it can see a lift of {percent(seen, 0)}.")


def _overlaps(draft: Experiment) -> Iterator[Point]:
    found = overlaps.warnings(draft)
    for said in found[:NAMED]:
        yield Point("overlap", Level.WARNING, said, Remedy.LEAVE_OUT_SHARED)
    if len(found) > NAMED:
        said = f"{whole(len(found) - NAMED)} more live experiments share its videos and viewers."
        yield Point("overlap", Level.WARNING, said)
    if not found:
        yield Point("overlap", Level.OK, "No other live experiment shares its videos and viewers.")


def _embed(draft: Experiment) -> Iterator[Point]:
    last = queries.last_counted_hour()
    if draft.simulated or (last is not None and timezone.now() - last < EMBED_SEEN):
        yield Point("events", Level.OK, "Events of viewers arrive.")
        return
    since = f"since {last:%Y-%m-%d %H:%M} UTC" if last else "yet"
    said = f"No event has come {since}: is the feed embedded where viewers are?"
    yield Point("events", Level.WARNING, said)


def _fair_counting(draft: Experiment) -> Iterator[Point]:
    """Look at the last A/A test, where the true difference is known to be none."""
    started = Experiment.objects.exclude(state=Experiment.State.DRAFT).exclude(pk=draft.pk)
    one = Count("arms__selector", distinct=True)
    alike = started.annotate(shown=one, of=Count("arms")).filter(Q(shown=1) & Q(of__gt=1))
    last = alike.filter(decision=None).order_by("-started_at").first()
    if last is None:
        said = "No A/A test has run here yet: one would show that arms are counted alike."
        yield Point("A/A test", Level.OK, said)
        return
    if current(last).verdict.kind in {Kind.WINNER, Kind.DO_NOT_TRUST}:
        said = f"{last.slug} shows the same in all arms and yet differs: find out why before this."
        yield Point("A/A test", Level.WARNING, said)
        return
    yield Point("A/A test", Level.OK, f"{last.slug}, an A/A test, finds no difference.")
