"""What a view weighs and brings: said where it is known, and never called a test."""

from math import isnan

import pytest

from experiments.analysis.kept_counts import ArmCount
from experiments.analysis.layout import Layout
from experiments.analysis.report.build import build
from experiments.analysis.report.per_view import PerView, per_view, said
from experiments.models import Thumbnail
from tests.experiments.analysis.report.cast import FIRST_DAY, counted_study
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


def day(arm: int, views: int, watched_ms: int | None) -> ArmCount:
    return ArmCount(FIRST_DAY, arm, {"views": views, "watched_ms": watched_ms})


def test_bytes_are_the_mean_file_and_watching_that_of_a_view() -> None:
    experiment = make_experiment(videos=2)
    days = [day(0, 100, 50_000), day(0, 100, 10_000), day(1, 50, 0), day(2, 10, None)]
    found = per_view(Layout.of(experiment), {"raw": 50_000.0, "gevaden": 900_000.0}, days)
    assert (found[0].picture_bytes, found[0].watched_s) == (50_000, 0.3)
    assert isnan(found[1].picture_bytes)
    assert found[1].watched_s == 0
    assert isnan(found[2].watched_s)
    assert said(found) == (
        "A view of raw loads 50 kB and brings 0.3 s of watching; of re_seq2seq brings 0.0 s of "
        "watching; of gevaden loads 900 kB. No test is made of these."
    )


def test_a_report_has_the_sizes_of_its_own_videos() -> None:
    experiment = counted_study()
    make_experiment("other")
    of_raw = Thumbnail.objects.filter(selector="raw", video__in=experiment.videos.all())
    for number, thumbnail in enumerate(of_raw):
        Thumbnail.objects.filter(pk=thumbnail.pk).update(size_bytes=40_000 + 20_000 * number)
    assert [line.picture_bytes for line in build(experiment).per_view] == [70_000, 1, 1]


def test_what_nobody_recorded_is_not_said() -> None:
    assert said([PerView("a", float("nan"), float("nan"))]) == ""
    assert isnan(build(counted_study()).per_view[0].watched_s)
