"""The checklist before a launch: what must be, what should be, and the act that mends each.

What blocks is what `lifecycle.start` refuses, in its own words.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from math import isnan

from django.db.models import Count, Q, prefetch_related_objects
from django.utils import timezone

from experiments.analysis import kept_counts
from experiments.analysis.report.cache import current
from experiments.analysis.report.formatting import percent, whole
from experiments.analysis.report.verdict import Kind
from experiments.database_away import DATABASE_AWAY
from experiments.design import Design
from experiments.errors import StateError
from experiments.models import Experiment
from experiments.planning.length import Outlook, Traffic, traffic_of
from experiments.planning.of_videos import MOST_BYTES, OfVideos, of_videos
from experiments.serving.arm_choices import creatives_problem
from experiments.serving.preconditions import must_have_its_slice, no_thumbnails_said
from experiments.stopping import StoppingRule

logger = logging.getLogger(__name__)
HARDLY_ANY_LIFT = 0.5
EMBED_SEEN = timedelta(hours=2)  # hours are counted whole
NAMED = 3
FAIR_COUNTING = "A/A test"


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


def checklist(draft: Experiment) -> list[Point]:
    """Return every point, in the order of the steps; call it outside transactions."""
    return [*quick_points(draft), fair_counting(draft)]


def quick_points(draft: Experiment) -> list[Point]:
    """Return every point but that of fair counting, which may take a report."""
    prefetch_related_objects([draft], "arms")
    design, facts = Design.of(draft), of_videos(draft)
    return [
        *_design(draft, design),
        _thumbnails(draft, design, facts),
        _budget(facts),
        _equal_arms(design, facts),
        _power(draft, outlook_of(draft, design, facts.videos)),
        *_overlaps(facts),
        _events(draft),
    ]


def warnings(experiment: Experiment) -> list[str]:
    """Return what the list warns of, of a draft or of what has just started; else nothing."""
    if experiment.state not in {Experiment.State.DRAFT, Experiment.State.RUNNING}:
        return []
    return [point.says for point in checklist(experiment) if point.level is Level.WARNING]


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


def _thumbnails(draft: Experiment, design: Design, facts: OfVideos) -> Point:
    of = facts.videos
    if not facts.complete:
        remedy = Remedy.MAKE if of else Remedy.NONE
        return Point("thumbnails", Level.BLOCKING, no_thumbnails_said(draft), remedy)
    if facts.complete == of:
        return Point("thumbnails", Level.OK, f"{_videos(of)}, all with every arm's thumbnail.")
    missing = "; ".join(_missing(design, facts))
    said = f"{_videos(of - facts.complete)} of {whole(of)} would be left out: {missing}."
    return Point("thumbnails", Level.WARNING, said, Remedy.MAKE)


def _missing(design: Design, facts: OfVideos) -> Iterator[str]:
    for arm in design.arms:
        there = facts.made.get(arm.selector, 0)
        if arm.weight > 0 and there < facts.videos:
            yield f"{whole(facts.videos - there)} without that of {arm.name}"


def _budget(facts: OfVideos) -> Point:
    slugs = facts.heavy
    if not slugs:
        said = f"No thumbnail weighs more than {MOST_BYTES // 1000} kB."
        return Point("page weight", Level.OK, said)
    named = ", ".join(slugs[:NAMED]) + (" and others" if len(slugs) > NAMED else "")
    said = (
        f"Thumbnails of {_videos(len(slugs))} weigh more than {MOST_BYTES // 1000} kB "
        f"({named}): pages with them are slow, which may cost clicks."
    )
    return Point("page weight", Level.WARNING, said)


def _videos(number: int) -> str:
    return f"{whole(number)} video{'s' if number != 1 else ''}"


def _equal_arms(design: Design, facts: OfVideos) -> Point:
    if len({arm.selector for arm in design.arms}) == 1:
        said = "All arms show the same pictures: an A/A test, which must find no difference."
        return Point("same pictures", Level.OK, said)
    if facts.equal:
        return Point("same pictures", Level.WARNING, facts.equal, Remedy.LEAVE_OUT_EQUAL)
    return Point("same pictures", Level.OK, "No video shows the same shots in two arms.")


def _power(draft: Experiment, outlook: Outlook) -> Point:
    if draft.simulated:
        return Point("length", Level.OK, "Its viewers are simulated: it sees what is sent.")
    if isnan(outlook.traffic.views_a_day):
        said = "Nothing is counted of these videos yet, so nobody knows what it can see."
        return Point("length", Level.WARNING, said)
    if draft.planned_days is None:
        return Point("length", Level.OK, "No end is planned: it runs until you end it.")
    seen = outlook.lift_seen(draft.planned_days)
    views = whole(round(outlook.traffic.views_a_day))
    at = f"In {draft.planned_days} days at {views} views a day"
    if isnan(seen) or seen > HARDLY_ANY_LIFT:
        said = f"{at} it sees hardly any difference: plan more days, or fewer arms."
        return Point("length", Level.WARNING, said)
    return Point("length", Level.OK, f"{at} it can see a lift of {percent(seen, 0)}.")


def _overlaps(facts: OfVideos) -> Iterator[Point]:
    found = facts.overlaps
    for said in found[:NAMED]:
        yield Point("overlap", Level.WARNING, said, Remedy.LEAVE_OUT_SHARED)
    if len(found) > NAMED:
        said = f"{whole(len(found) - NAMED)} more live experiments share its videos and viewers."
        yield Point("overlap", Level.WARNING, said)
    if not found:
        yield Point("overlap", Level.OK, "No other live experiment shares its videos and viewers.")


def _events(draft: Experiment) -> Point:
    """Look whether pages tell of real viewers; a trial's are sent by the site itself."""
    if draft.simulated:
        return Point("events", Level.OK, "Its viewers are simulated: no page has to send events.")
    last = kept_counts.last_counted_hour()
    if last is not None and timezone.now() - last < EMBED_SEEN:
        return Point("events", Level.OK, f"Events of viewers arrive, last after {last:%H:%M} UTC.")
    since = f"since {last:%Y-%m-%d %H:%M} UTC" if last else "yet"
    said = f"No event of a viewer has come {since}: is the feed embedded where viewers are?"
    return Point("events", Level.WARNING, said)


def fair_counting(draft: Experiment) -> Point:
    """Look at the last A/A test, where the true difference is known to be none."""
    started = Experiment.objects.exclude(state=Experiment.State.DRAFT).exclude(pk=draft.pk)
    one = Count("arms__selector", distinct=True)
    alike = started.annotate(shown=one, of=Count("arms")).filter(Q(shown=1) & Q(of__gt=1))
    last = alike.filter(decision=None).order_by("-started_at").first()
    if last is None:
        said = "No A/A test has run here yet: one would show that arms are counted alike."
        return Point(FAIR_COUNTING, Level.OK, said)
    try:
        differs = current(last).verdict.kind in {Kind.WINNER, Kind.DO_NOT_TRUST}
    except DATABASE_AWAY:
        raise
    except Exception:
        logger.exception("the report of %s cannot be made", last.slug)
        said = f"{last.slug}, an A/A test, cannot be reported on: its dashboard says why."
        return Point(FAIR_COUNTING, Level.WARNING, said)
    if differs:
        said = f"{last.slug} shows the same in all arms and yet differs: find out why before this."
        return Point(FAIR_COUNTING, Level.WARNING, said)
    return Point(FAIR_COUNTING, Level.OK, f"{last.slug}, an A/A test, finds no difference.")
