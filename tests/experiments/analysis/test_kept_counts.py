"""What people read is what was sent."""

import pytest

from experiments.analysis import kept_counts
from experiments.analysis.layout import Layout
from experiments.events.rollup import roll_up
from experiments.serving import allocation_phases, feed
from tests.experiments.analysis.report.cast import add_day, counted_study
from tests.experiments.analysis.sight import visit
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


def test_counts_by_video_and_arm_over_all_phases() -> None:
    experiment = make_experiment()
    sent = visit(range(40))
    allocation_phases.change(experiment, weights={0: 0, 1: 1, 2: 1})
    feed.refresh()
    sent = sent + visit(range(40, 60))
    roll_up()
    counts = kept_counts.video_counts(Layout.of(experiment)).total()
    assert counts.arms == ("raw", "re_seq2seq", "gevaden")
    assert (counts.views == sent[0]).all()
    assert (counts.clicks == sent[1]).all()
    for rows in (
        kept_counts.daily_counts(Layout.of(experiment)),
        kept_counts.hourly_counts(Layout.of(experiment)),
    ):
        assert sum(row.views for row in rows) == sent[0].sum()
        assert sum(row.clicks for row in rows) == sent[1].sum()


def test_programs_are_in_the_gross_and_not_in_the_net() -> None:
    experiment = make_experiment()
    people, programs = visit(range(5)), visit(range(5, 8), agent="curl/8.5")
    roll_up()
    net = kept_counts.video_counts(Layout.of(experiment)).total()
    gross = kept_counts.video_counts(Layout.of(experiment), include_bots=True).total()
    assert (net.views == people[0]).all()
    assert (gross.views == people[0] + programs[0]).all()


def test_a_day_in_which_shares_changed_favours_no_arm() -> None:
    """Both arms click at 4 %, then at 6 %, on one day; the second arm is shown mostly later."""
    experiment = counted_study((((900, 36), (100, 4)),), ended=False)
    allocation_phases.change(experiment, weights={0: 1, 1: 9})
    add_day(experiment, (((100, 6), (900, 54)),))
    rows = kept_counts.daily_counts(Layout.of(experiment))
    assert [(row.views, row.clicks) for row in rows] == [(1000, 42), (1000, 58)]
    assert [row.ctr for row in rows] == pytest.approx([0.05, 0.05])


def test_an_experiment_without_events_has_no_videos() -> None:
    layout = Layout.of(make_experiment())
    assert kept_counts.video_counts(layout).total().views.shape == (0, 3)
    assert kept_counts.daily_counts(layout) == []
    assert dict(kept_counts.daily_video_counts(layout)) == {}
