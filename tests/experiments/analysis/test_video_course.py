"""The course by video: computed from the counts by day, and kept once they stay."""

import pytest

from experiments.analysis import summaries, video_course
from experiments.analysis.confidence_sequences import ConfidenceSequences, course
from experiments.analysis.layout import Layout
from experiments.analysis.report.build import build
from experiments.models import Cell, Experiment, TwoWayError, VideoCourse
from experiments.unit import Unit
from tests.experiments.analysis.report.cast import FOUR_VIDEOS, add_day, counted_study

pytestmark = pytest.mark.django_db


def two_days(
    slug: str = "pilot", unit: Unit = Unit.VIEWER_VIDEO, *, ended: bool = True
) -> Experiment:
    experiment = counted_study(slug=slug, ended=ended, unit=unit)
    add_day(experiment, FOUR_VIDEOS, day=1)
    return experiment


def course_of(experiment: Experiment) -> ConfidenceSequences:
    return course(experiment, build(experiment))


def test_an_ended_experiment_has_its_course_kept_to_the_last_digit() -> None:
    experiment = two_days()
    computed = course_of(experiment)
    summaries.renew()
    kept = VideoCourse.objects.get(experiment=experiment)
    assert [look["day"] for look in kept.looks] == [day.isoformat() for day in computed.days]
    assert repr(course_of(experiment)) == repr(computed)  # nan is not itself


def test_what_is_kept_is_what_is_read() -> None:
    experiment = two_days()
    summaries.renew()
    kept = VideoCourse.objects.get()
    kept.looks = kept.looks[1:]
    kept.save()
    assert len(course_of(experiment).looks) == 1


def test_counts_that_changed_since_are_computed_anew() -> None:
    experiment = two_days()
    summaries.renew()
    add_day(experiment, FOUR_VIDEOS, day=2)
    Cell.objects.filter(phase__experiment=experiment).update(counted=1)
    assert len(course_of(experiment).days) == 3
    video_course.keep_looks(experiment, Layout.of(experiment))
    assert len(VideoCourse.objects.get().looks) == 3


def test_a_wider_error_is_that_of_the_report_of_today() -> None:
    experiment = two_days()
    summaries.renew()
    (plain, *_), *_ = course_of(experiment).looks
    TwoWayError.objects.create(
        experiment=experiment, watermark=0, took_s=1.0, sums=1, comparisons=[], inflation=4.0,
        df=5000.0,
    )  # fmt: skip
    (wider, *_), *_ = course_of(experiment).looks
    assert wider.difference.high > plain.difference.high


def test_none_is_kept_while_it_runs_or_where_viewers_are_the_sample() -> None:
    two_days("running", ended=False)
    two_days("viewers", Unit.VIEWER)
    assert summaries.renew() == 2
    assert not VideoCourse.objects.exists()
