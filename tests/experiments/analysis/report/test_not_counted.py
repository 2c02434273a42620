"""Bots, repeats and refusals of an experiment, with their numbers, on every door."""

import pytest
from django.test import Client

from experiments.analysis import summaries
from experiments.analysis.report.build import NEVER_SHOWN, SEEN_BY_BOTS, build
from experiments.analysis.report.cache import current
from experiments.analysis.report.document import as_document
from experiments.analysis.report.text import as_text
from experiments.events.rollup import roll_up
from experiments.models import DayCount, Experiment, RefusedCount
from experiments.serving import allocation_phases, feed
from tests.experiments.analysis.report.cast import FIRST_DAY, counted_study
from tests.experiments.beacons import event, send, visit
from tests.experiments.world import SELECTORS, make_experiment, make_video
from tests.reading import as_read

pytestmark = pytest.mark.django_db


def readers(experiment: Experiment) -> dict[str, str]:
    """Return what a reader is told by text, page and the list of experiments."""
    pages = {
        address: as_read(Client().get(address).content.decode())
        for address in ("/dashboards/", f"/dashboards/{experiment.slug}/")
    }
    return {"text": " ".join(as_text(build(experiment)).split()), **pages}


def test_an_experiment_that_bots_alone_saw_says_so_everywhere() -> None:
    experiment = make_experiment(videos=29)
    experiment.videos.add(make_video("unseen"))
    for viewer in ("a", "b", "c"):
        visit(viewer, agent="curl/8.5")
    roll_up()
    summaries.renew()
    for door, said in readers(experiment).items():
        assert "87 views are left out as bots" in said, door
    report = build(experiment)
    assert [(group.reason, len(group.slugs)) for group in report.left_out] == [
        (SEEN_BY_BOTS, 29), (NEVER_SHOWN, 1),
    ]  # fmt: skip
    found = Client().get("/api/v1/reports/pilot").json()["not_counted"]
    assert found == as_document(report)["not_counted"]
    assert (found["bot_views"], found["bot_clicks"]) == (87, 0)
    assert [(rule["rule"], rule["views"]) for rule in found["bots"]] == [("bot_agent", 87)]


def test_repeats_and_refusals_are_said_as_soon_as_they_are_counted() -> None:
    """Case A5: a shared cache sends one page's tokens a hundred times."""
    experiment = make_experiment(videos=12)
    slots = visit("ann")
    roll_up()
    assert current(experiment).not_counted.duplicates == 0
    for _ in range(99):
        send(*(event(slot.token) for slot in slots))
    RefusedCount.objects.create(experiment=experiment, reason="expired", events=3)
    roll_up()
    assert current(experiment).not_counted.duplicates == 1188
    for door, said in readers(experiment).items():
        if door != "/dashboards/":
            assert "1,188 events came more than once" in said, door
            assert "3 events were refused: 3 came too late." in said, door
    found = Client().get("/api/v1/reports/pilot").json()["not_counted"]
    assert found["duplicates"] == 1188
    assert found["refused"] == [{"reason": "expired", "events": 3}]


def test_an_event_that_two_rules_find_is_in_both_and_left_out_once() -> None:
    experiment = counted_study()
    cell = allocation_phases.cells(experiment)[0]
    for flags in (1, 2, 3):
        DayCount.objects.create(
            day=FIRST_DAY, cell=cell, video=1, flags=flags, views=10 * flags, clicks=flags
        )
    found = build(experiment).not_counted
    assert (found.bot_views, found.bot_clicks) == (60, 6)
    assert [(rule.rule, rule.views, rule.clicks) for rule in found.bots] == [
        ("bot_agent", 40, 4), ("bot_rate", 50, 5),
    ]  # fmt: skip


def test_nothing_is_said_where_all_counts_beside_the_light() -> None:
    experiment = counted_study()
    for door, said in readers(experiment).items():
        for word in ("left out as", "more than once", "refused", "Not counted"):
            assert word not in said, (door, word)


def test_what_never_reports_is_said_by_arm() -> None:
    experiment = make_experiment(videos=30)
    heard = visit("ann", "served", "viewable")
    silent = feed.slots("bea").slots  # who blocks what would be told, or left
    feed.refresh()
    roll_up()
    report = build(experiment)
    by_arm = {arm.arm: (arm.given, arm.silent) for arm in report.not_counted.silent}
    assert by_arm == {
        name: (
            sum(slot.arm == arm for slot in [*heard, *silent]),
            sum(slot.arm == arm for slot in silent),
        )
        for arm, name in enumerate(SELECTORS)
    }
    for door, said in readers(experiment).items():
        if door != "/dashboards/":
            assert "Of 60 pictures that the feed gave out, 50.0 % told nothing: raw" in said, door


def test_an_experiment_of_before_says_nothing_of_what_was_given() -> None:
    assert build(counted_study()).not_counted.silent == ()
