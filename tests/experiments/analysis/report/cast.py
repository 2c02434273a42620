"""Studies whose counts are written straight into the day counts, as the rollup leaves them."""

from datetime import UTC, date, datetime, time, timedelta

from experiments.analysis.report.record import MetricResult, Report
from experiments.models import DayCount, Experiment
from experiments.serving import allocation_phases
from experiments.stopping import StoppingRule
from tests.experiments.world import make_experiment

FIRST_DAY = date(2026, 10, 1)

# Views and clicks of four videos (rows) in the arms raw, re_seq2seq, gevaden.
FOUR_VIDEOS = (
    ((1000, 50), (1010, 62), (990, 71)),
    ((2000, 80), (1990, 99), (2020, 118)),
    ((500, 40), (510, 45), (505, 54)),
    ((800, 24), (790, 31), (805, 33)),
)
# The same, with the clicks after which the video was watched for long.
WATCHED_VIDEOS = (
    ((1000, 50, 30), (1010, 62, 38), (990, 71, 39)),
    ((2000, 80, 51), (1990, 99, 66), (2020, 118, 71)),
    ((500, 40, 26), (510, 45, 28), (505, 54, 31)),
    ((800, 24, 17), (790, 31, 20), (805, 33, 19)),
)
# Twelve videos whose control is shown twice as often as the other arms.
LOPSIDED = tuple(
    ((2 * views + noise, 100), (views - noise, 60), (views, 70))
    for views, noise in zip(
        range(900, 2100, 100), (3, -8, 5, 0, -2, 9, -4, 1, 7, -6, 2, -3), strict=True
    )
)
AT_THE_END = 0.999  # the share of the error that its plan leaves for the end
Counts = tuple[tuple[tuple[int, ...], ...], ...]  # views, clicks, perhaps watched clicks


def counted_study(
    counts: Counts = FOUR_VIDEOS, *, slug: str = "pilot", ended: bool = True, **fields: object
) -> Experiment:
    """Make an experiment with these counts, one row of them a video."""
    weights = (1,) * len(counts[0])
    experiment = make_experiment(slug, videos=len(counts), weights=weights, **fields)
    add_day(experiment, counts)
    experiment.started_at = datetime.combine(FIRST_DAY, time(), UTC)
    experiment.save()
    if ended:
        end(experiment)
    return experiment


def add_day(experiment: Experiment, counts: Counts, day: int = 0) -> None:
    """Write the counts of one day."""
    cells = allocation_phases.cells(experiment)
    videos = experiment.videos.order_by("pk").values_list("pk", flat=True)
    DayCount.objects.bulk_create(
        DayCount(
            day=FIRST_DAY + timedelta(days=day), cell=cells[arm], video=video, flags=0,
            served=2 * views, loaded=views, views=views, animated=0, clicks=clicks,
            watched=sum(watched), watched_clicks=sum(watched), watched_ms=0,
        )
        for video, row in zip(videos, counts, strict=True)
        for arm, (views, clicks, *watched) in enumerate(row)
    )  # fmt: skip


def watched(report: Report) -> MetricResult:
    """Return a report's guardrail on watching."""
    return next(metric for metric in report.metrics if metric.name == "watched_ctr")


def end(experiment: Experiment, first_day: date = FIRST_DAY) -> None:
    """End the experiment as planned: four weeks from the first day with counts."""
    experiment.state = Experiment.State.ENDED
    experiment.stopping_rule = StoppingRule.FIXED_HORIZON
    experiment.started_at = datetime.combine(first_day, time(), UTC)
    experiment.ended_at = experiment.planned_end = experiment.started_at + timedelta(days=28)
    experiment.save()
