"""The stopping plan of an experiment as of now: what may be said, and of which days.

While it runs, and where it ended early, its statement is always valid. From its planned end on it
is that of a fixed horizon, of the days up to that end alone: what comes later cannot change it. The
plan's error is divided between the two, so that whoever stops at the first winner errs no more
often than who waits. A group-sequential plan speaks at its looks, each of the days before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate

from experiments.analysis.kept_counts import ArmCount
from experiments.analysis.stats.horizon import (
    AlwaysValid,
    FixedHorizon,
    GroupSequential,
    Horizon,
    NotYet,
)
from experiments.models import Experiment
from experiments.models.experiment import PLANNED_DAYS
from experiments.stopping import StoppingRule

# The part of the error that may be spent before the planned end. A fixed horizon keeps nearly all.
RUNNING_SHARE = {StoppingRule.ALWAYS_VALID: 0.2, StoppingRule.FIXED_HORIZON: 0.001}


@dataclass(frozen=True, slots=True)
class Stopping:
    """How far an experiment has come in its stopping plan.

    Attributes:
        rule: the plan's.
        horizon: the way in which its comparisons are read now.
        days: how many days (UTC) have begun while it ran.
        planned_end: the moment by the plan's days; None for none.
        planned_views: the plan's end by views; None for none.
        reached: whether it has come to its planned end.
        ended_early: whether it was ended before.
        before: only days before this one are in the statement; None for all.
        look: number of the latest look of a group-sequential plan, 0 before the first.
        next_look: when the next one is due; None where there is none.
        looks: the days on whose first moment all planned looks are.
    """

    rule: StoppingRule
    horizon: Horizon
    days: int
    planned_end: datetime | None
    planned_views: int | None
    reached: bool
    ended_early: bool
    before: date | None = None
    look: int = 0
    next_look: date | None = None
    looks: tuple[date, ...] = ()


def stopping_of(experiment: Experiment, counts: Sequence[ArmCount], now: datetime) -> Stopping:
    """Return how far an experiment has come.

    Args:
        experiment: one that has started.
        counts: its views by day and arm.
        now: the moment.
    """
    clock = _Clock.of(experiment, counts, now)
    if experiment.stopping_rule == StoppingRule.GROUP_SEQUENTIAL:
        return _by_looks(experiment, clock)
    rule = StoppingRule(experiment.stopping_rule)
    if not clock.has_end:
        return _stopping(experiment, clock, AlwaysValid(clock.elapsed))
    running = RUNNING_SHARE[rule]
    if clock.reached:
        return _stopping(experiment, clock, FixedHorizon(1 - running), before=clock.end_day)
    return _stopping(experiment, clock, AlwaysValid(clock.elapsed, running))


def always_valid_by_day(experiment: Experiment, days: Sequence[date]) -> tuple[AlwaysValid, ...]:
    """Return by day the horizon of a look at its end, as `stopping_of` would while it ran."""
    planned = experiment.planned_days or PLANNED_DAYS
    rule = StoppingRule(experiment.stopping_rule)
    share = RUNNING_SHARE.get(rule, 1.0) if experiment.planned_end else 1.0
    started = _started(experiment).date()
    return tuple(AlwaysValid(_days_begun(started, day) / planned, share) for day in days)


@dataclass(frozen=True, slots=True)
class _Clock:
    """An experiment's time: by days, and by views where the plan has an end by views.

    Attributes:
        started: when.
        stop: now, or when it ended.
        days: how many (UTC) have begun between the two.
        elapsed: share of the planned time that is over; of 28 days where nothing is planned.
        end_day: the first day after the planned end; None where there is none yet.
        has_end: whether an end is planned.
        reached: whether it has been reached.
        views: of all arms until the end of each day, by day.
    """

    started: datetime
    stop: datetime
    days: int
    elapsed: float
    end_day: date | None
    has_end: bool
    reached: bool
    views: dict[date, int]

    @classmethod
    def of(cls, experiment: Experiment, counts: Sequence[ArmCount], now: datetime) -> "_Clock":
        started, stop = _started(experiment), experiment.ended_at or now
        views, planned_views = _views_until(counts), experiment.planned_views
        enough = next((day for day, seen in views.items() if seen >= (planned_views or 0)), None)
        by_views = enough + timedelta(days=1) if planned_views and enough else None
        by_days = experiment.planned_end.date() if experiment.planned_end else None
        end_day = min((day for day in (by_views, by_days) if day), default=None)
        over = end_day is not None and stop >= _midnight(end_day)
        # Views end a day that is not over where the experiment has ended, too.
        full = by_views is not None and by_views == end_day and experiment.ended_at is not None
        days = _days_begun(started.date(), stop.date())
        shares = [days / (experiment.planned_days or PLANNED_DAYS)]
        if planned_views:
            seen = max(views.values(), default=0) / planned_views
            shares = [seen] if experiment.planned_days is None else [*shares, seen]
        return cls(
            started=started,
            stop=stop,
            days=days,
            elapsed=max(shares),
            end_day=end_day,
            has_end=by_days is not None or planned_views is not None,
            reached=over or full,
            views=views,
        )

    def views_before(self, day: date) -> int:
        """Return the views of all arms in the days before this one."""
        return max((seen for of, seen in self.views.items() if of < day), default=0)


def _by_looks(experiment: Experiment, clock: _Clock) -> Stopping:
    """Return the statement of the latest look that is over, and brought views."""
    looks = _look_days(experiment)
    passed = [day for day in looks if clock.stop >= _midnight(day)]
    coming = next((day for day in looks if day not in passed), None)
    if clock.reached and clock.end_day is not None:
        passed = [day for day in passed if day < clock.end_day] + [clock.end_day]
        coming = None
    if experiment.ended_at is not None:
        coming = None
    told = _with_views(passed, clock)
    if not told:
        return _stopping(experiment, clock, _not_yet(len(looks), coming), next_look=coming)
    planned = experiment.planned_days or PLANNED_DAYS
    elapsed = [min((day - clock.started.date()).days / planned, 1.0) for day, _ in told]
    if clock.reached:
        elapsed[-1] = 1.0
    horizon = GroupSequential(tuple(float(views) for _, views in told), tuple(elapsed))
    return _stopping(
        experiment, clock, horizon, before=told[-1][0], look=len(passed), next_look=coming
    )


def _not_yet(looks: int, coming: date | None) -> NotYet:
    when = f"is due on {coming:%Y-%m-%d}" if coming else "was never reached"
    return NotYet(f"the first of {looks} planned looks {when}")


def _with_views(days: Sequence[date], clock: _Clock) -> list[tuple[date, int]]:
    """Return the looks that brought views, with the views before each."""
    told: list[tuple[date, int]] = []
    for day in days:
        views = clock.views_before(day)
        if views > (told[-1][1] if told else 0):
            told.append((day, views))
    return told


def _look_days(experiment: Experiment) -> list[date]:
    """Return the days on whose first moment the planned looks are, the last the planned end."""
    planned, end, looks = experiment.planned_days, experiment.planned_end, experiment.looks
    if planned is None or end is None:
        return []
    return [
        (end - timedelta(days=planned - round(planned * number / looks))).date()
        for number in range(1, looks + 1)
    ]


def _stopping(
    experiment: Experiment,
    clock: _Clock,
    horizon: Horizon,
    *,
    before: date | None = None,
    look: int = 0,
    next_look: date | None = None,
) -> Stopping:
    rule = StoppingRule(experiment.stopping_rule)
    return Stopping(
        rule=rule,
        horizon=horizon,
        days=clock.days,
        planned_end=experiment.planned_end,
        planned_views=experiment.planned_views,
        reached=clock.reached,
        ended_early=experiment.ended_at is not None and clock.has_end and not clock.reached,
        before=before,
        look=look,
        next_look=next_look,
        looks=tuple(_look_days(experiment)) if rule is StoppingRule.GROUP_SEQUENTIAL else (),
    )


def _views_until(counts: Sequence[ArmCount]) -> dict[date, int]:
    """Return the views of all arms up to the end of each day, in the order of time."""
    by_day: dict[date, int] = {}
    for row in counts:
        by_day[row.start] = by_day.get(row.start, 0) + row.views
    days = sorted(by_day)
    return dict(zip(days, accumulate(by_day[day] for day in days), strict=True))


def _started(experiment: Experiment) -> datetime:
    started = experiment.started_at
    assert started is not None  # noqa: S101  only what has started is reported on
    return started


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _days_begun(first: date, last: date) -> int:
    return max((last - first).days, 0) + 1
