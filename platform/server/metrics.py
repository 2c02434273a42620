"""Figures for Prometheus, read from the database when it asks: any web server may answer."""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from experiments.analysis import kept_counts, queries
from experiments.analysis.layout import Layout
from experiments.events import rollup
from experiments.models import Cell, Experiment, Video, WorkTime
from experiments.serving import feed
from experiments.surface import Surface
from server import ingest_times
from server.access import came_through_proxy
from server.broker import broker_refusal, waiting_tasks

NOT_COUNTED = "Transactions with events that no rollup has counted yet"


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer a scrape; one that came through the proxy is a stranger's, and finds nothing."""
    if came_through_proxy(request):
        raise Http404
    registry = CollectorRegistry()
    registry.register(SiteFigures())
    ingest_times.register(registry)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class SiteFigures(Collector):
    """All figures of one moment; each is a gauge, for counts of the database may also fall."""

    def describe(self) -> list[GaugeMetricFamily]:
        """Name nothing ahead of a scrape, which would ask the database."""
        return []

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Read them."""
        yield from _views_and_clicks()
        yield _gauge(
            "refused_events", "Events refused, by reason", ["reason"], queries.rejections()
        )
        yield _gauge("videos", "Videos, by where their making stands", ["state"], _by("state"))
        yield _gauge("failed_videos", "Videos given up, by error", ["code"], _by("error_code"))
        yield GaugeMetricFamily(
            "coverlift_uncounted_arrivals", NOT_COUNTED, value=rollup.uncounted()
        )
        yield GaugeMetricFamily(
            "coverlift_snapshot_age_s", "Age of the feed's state", value=feed.state.snapshot_age_s
        )
        yield from _shares()
        yield from _steps()
        yield from _work()
        yield GaugeMetricFamily(
            "coverlift_broker_up", "1: tasks can be sent", value=not broker_refusal()
        )
        if settings.CELERY_BROKER_URL.startswith("pgmq://"):
            yield from _queues()


def _views_and_clicks() -> Iterable[GaugeMetricFamily]:
    """Yield what is counted of each live experiment, net and gross."""
    labels = ["experiment", "arm", "bots"]
    views = GaugeMetricFamily("coverlift_views", "Views counted", labels=labels)
    clicks = GaugeMetricFamily("coverlift_clicks", "Clicks counted", labels=labels)
    for experiment in Experiment.objects.filter(state__in=Experiment.LIVE_STATES):
        layout = Layout.of(experiment)
        for with_bots in (False, True):
            counts = kept_counts.daily_counts(layout, include_bots=with_bots)
            for place, arm in enumerate(layout.arms):
                label = [experiment.slug, arm.name, str(int(with_bots))]
                views.add_metric(label, sum(day.views for day in counts if day.arm == place))
                clicks.add_metric(label, sum(day.clicks for day in counts if day.arm == place))
    yield from (views, clicks)


def _shares() -> Iterable[GaugeMetricFamily]:
    """Yield the share of the viewers that each arm of a running experiment is to get."""
    shares = GaugeMetricFamily(
        "coverlift_arm_share", "Share that an arm is to get", labels=["experiment", "arm"]
    )
    running = Cell.objects.filter(
        phase__ended_at=None,
        phase__experiment__state=Experiment.State.RUNNING,
        surface=Surface.FEED,
    )
    for slug, arm, share in running.values_list("phase__experiment__slug", "arm__name", "share"):
        shares.add_metric([slug, arm], share)
    yield shares


def _steps() -> Iterable[GaugeMetricFamily]:
    """Yield how many videos are at which step of their making."""
    making = Video.objects.filter(state__in=(Video.State.MAKING, Video.State.EXTRACTING))
    by_step = making.order_by().values_list("step").annotate(Count("pk"))
    yield _gauge("making_videos", "Videos in the making", ["step"], dict(by_step))


def _work() -> Iterable[GaugeMetricFamily]:
    """Yield how often each kind of work was done, for how long, and how long ago."""
    labels = ["kind", "name"]
    runs = GaugeMetricFamily("coverlift_work_runs", "Times that it was done", labels=labels)
    seconds = GaugeMetricFamily("coverlift_work_seconds", "All runs together", labels=labels)
    age = GaugeMetricFamily("coverlift_work_age_s", "Since the last run ended", labels=labels)
    now = timezone.now()
    for work in WorkTime.objects.all():
        label = [work.kind, work.name]
        runs.add_metric(label, work.runs)
        seconds.add_metric(label, work.seconds)
        age.add_metric(label, (now - work.ended_at).total_seconds())
    yield from (runs, seconds, age)


def _by(column: str) -> dict[str, int]:
    found = Video.objects.exclude(**{column: ""}).values_list(column).annotate(Count("pk"))
    return dict(found.order_by())


def _gauge(name: str, says: str, labels: list[str], values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"coverlift_{name}", says, labels=labels)
    for label, value in values.items():
        family.add_metric([label], value)
    return family


def _queues() -> Iterable[GaugeMetricFamily]:
    """Yield how many tasks wait in each queue of Postgres, and for how long the oldest has."""
    waiting = GaugeMetricFamily("coverlift_tasks", "Tasks in the queue", labels=["queue"])
    oldest = GaugeMetricFamily("coverlift_oldest_task_s", "Age of the oldest", labels=["queue"])
    for each in waiting_tasks():
        waiting.add_metric([each.queue], each.tasks)
        oldest.add_metric([each.queue], each.oldest_s)
    yield from (waiting, oldest)
