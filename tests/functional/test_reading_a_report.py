"""Five experiments whose truth is known, and their pages: those of docs/reading-a-report.md.

Clicks are drawn at rates that the page of each states. With COVERLIFT_PICTURES=FOLDER the pictures
of the document are left there (`make pictures`).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pytest
from django.utils import timezone
from playwright.sync_api import Page

from experiments.analysis.report import verdict_sentences
from experiments.analysis.report.build import build
from experiments.analysis.report.verdict import Kind
from experiments.models import Arm, DayCount, Experiment
from experiments.serving import allocation_phases
from tests import browser, chromium
from tests.experiments.analysis.report.cast import FIRST_DAY, end
from tests.experiments.world import make_experiment

pytestmark = [pytest.mark.functional, pytest.mark.django_db(transaction=True), chromium.needed]
DOCUMENT = Path(__file__).resolve().parents[2] / "docs/reading-a-report.md"
VIDEOS, DAYS = 60, 28
WIDTH_PX, HEIGHT_PX = 1200, 900


@dataclass(frozen=True)
class Truth:
    """How an experiment's views and clicks are drawn.

    Attributes:
        lift: of the moving arm's clicks per view, on average over videos.
        views: of a video in an arm a day.
        lost: share of the moving arm's views that never arrive.
        days: with counts; fewer than DAYS where it still runs.
        kind: what the report should say.
        says: begins the sentence of its verdict.
    """

    name: str
    lift: float
    views: int
    lost: float
    days: int
    kind: Kind
    says: str

    @property
    def slug(self) -> str:
        return self.name.split()[0].lower()

    @property
    def stated(self) -> str:
        """The truth, as the page and the document state it."""
        gone = f", and {self.lost:.0%} of its views are lost" if self.lost else ""
        return f"clicks per view of moving are {self.lift:+.0%} on average{gone}"


TRUTHS = (
    Truth("Won", 0.15, 100, 0.0, DAYS, Kind.WINNER, "Verdict: moving is the winner."),
    Truth("Lost", -0.12, 100, 0.0, DAYS, Kind.WINNER, "Verdict: keep still."),
    Truth("Undecided", 0.02, 15, 0.0, DAYS, Kind.NOT_ENOUGH, "Verdict: not enough yet."),
    Truth("Untrustworthy", 0.15, 100, 0.2, DAYS, Kind.DO_NOT_TRUST, "Verdict: do not trust these"),
    Truth("Running", 0.08, 40, 0.0, 6, Kind.NOT_ENOUGH, "Verdict: not enough yet."),
)


def simulate(truth: Truth) -> Experiment:
    """Make the experiment, and draw its counts day by day."""
    experiment = make_experiment(
        truth.slug, videos=VIDEOS, weights=(1, 1), simulated=f"drawn at known rates: {truth.stated}"
    )
    experiment.name = f"Do moving thumbnails help? ({truth.name.lower()})"
    Arm.objects.filter(experiment=experiment, index=0).update(name="still")
    Arm.objects.filter(experiment=experiment, index=1).update(name="moving")
    runs = truth.days < DAYS
    first_day = (timezone.now() - timedelta(days=truth.days)).date() if runs else FIRST_DAY
    experiment.started_at = datetime.combine(first_day, time(), UTC)
    experiment.planned_end = experiment.started_at + timedelta(days=DAYS)
    experiment.save()
    if not runs:
        end(experiment)
    rng = np.random.default_rng(7)
    rates = rng.gamma(8, 0.05 / 8, VIDEOS)[:, None] * np.exp(
        np.column_stack([np.zeros(VIDEOS), np.log1p(truth.lift) + rng.normal(0, 0.1, VIDEOS)])
    )
    cells = allocation_phases.cells(experiment)
    videos = list(experiment.videos.order_by("pk").values_list("pk", flat=True))
    arrived = truth.views * np.array([1.0, 1.0 - truth.lost])
    for day in range(truth.days):
        views = rng.poisson(arrived, rates.shape)
        clicks = rng.binomial(views, rates)
        DayCount.objects.bulk_create(
            DayCount(
                day=first_day + timedelta(days=day), cell=cells[arm], video=video, flags=0,
                served=2 * n, loaded=n, views=n, animated=0, clicks=x, watched=x,
                watched_clicks=x // 2, watched_ms=0,
            )
            for video, seen, clicked in zip(videos, views.tolist(), clicks.tolist(), strict=True)
            for arm, (n, x) in enumerate(zip(seen, clicked, strict=True))
        )  # fmt: skip
    return experiment


@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: truth.slug)
def test_the_page_says_what_the_document_shows(page: Page, truth: Truth) -> None:
    experiment = simulate(truth)
    report = build(experiment)
    verdict = verdict_sentences.verdict(report)
    assert report.verdict.kind is truth.kind
    assert verdict.startswith(truth.says)
    page.set_viewport_size({"width": WIDTH_PX, "height": HEIGHT_PX})
    page.goto(f"/dashboards/{truth.slug}/")
    assert page.get_by_text(truth.stated).first.is_visible()
    assert verdict in page.locator(".headline").first.inner_text().replace("\xa0", " ")
    part = DOCUMENT.read_text(encoding="utf-8").partition(f"\n## {truth.name}")[2]
    part = " ".join(part.partition("\n## ")[0].split())
    assert truth.stated in part
    assert truth.says in part
    assert f"(images/reading/{truth.slug}.jpg)" in part
    if browser.PICTURES:
        page.screenshot(path=Path(browser.PICTURES) / f"{truth.slug}.jpg", type="jpeg", quality=75)
