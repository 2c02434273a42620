"""An impression is of one viewer, video and cell, and its click no less suspect than its view."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from experiments.analysis.report.build import build
from experiments.events.clock import now_ms
from experiments.events.impressions import Row, View, by_their_views, view_key
from experiments.events.ingest import TAKEN, signer
from experiments.events.keys import (
    FLAGS_SHIFT,
    SUSPECT,
    Flag,
    context_flags,
    impression_id,
    key_step,
)
from experiments.events.rollup import roll_up
from experiments.events.tokens import Impression
from experiments.measures import Step
from experiments.models import DayCount, Event, RefusedCount
from experiments.serving import feed
from tests.experiments.beacons import event, send
from tests.experiments.world import BROWSER, make_experiment

ROW = st.builds(
    lambda impression, step, viewer, cell, flags: (
        impression * 8 | step, viewer, 1, cell, flags << FLAGS_SHIFT | 3, None,
    ),
    st.integers(1, 3), st.sampled_from(Step), st.integers(1, 2), st.integers(1, 2),
    st.sampled_from([0, 0, 1, 2, 16]),
)  # fmt: skip
ROWS = st.lists(ROW, unique_by=lambda row: row[0])


@given(ROWS, ROWS)
def test_what_is_kept_agrees_with_its_view(rows: list[Row], earlier: list[Row]) -> None:
    views: dict[int, View] = {
        row[0]: row[:5] for row in earlier if key_step(row[0]) == Step.VIEWABLE
    }
    own, taken = by_their_views(rows, views)
    assert sorted([row[0] for row in own] + taken) == sorted(row[0] for row in rows)
    seen = {row[0]: row[:5] for row in rows} | views
    for row in own:
        view = seen.get(view_key(row[0]))
        assert view is None or view[1:4] == row[1:4]
        if view and key_step(row[0]) == Step.CLICK:
            assert context_flags(view[4]) & SUSPECT & ~context_flags(row[4]) == 0
    given_flags = {row[0]: context_flags(row[4]) for row in rows}
    for row in own:
        gained = context_flags(row[4]) & ~given_flags[row[0]]
        assert not gained or key_step(row[0]) == Step.CLICK
        assert not gained & Flag.IMPLIED
    for key in taken:
        assert view_key(key) in seen


def tell(token: str | None, step: str, agent: str = BROWSER) -> dict[str, object]:
    return send(event(token, step), agent=agent).as_json()


@pytest.mark.django_db
def test_a_browsers_click_on_a_programs_view_counts_no_more_than_the_view() -> None:
    """Else its cell would have more clicks than views, and its experiment no report."""
    experiment = make_experiment(videos=1)
    for viewer in ("ann", "bob", "cem"):
        (token,) = (slot.token for slot in feed.slots(viewer).slots)
        assert tell(token, "viewable", "curl/8.5")["accepted"] == 1
        assert tell(token, "click", BROWSER)["accepted"] == 1
    roll_up()
    assert not DayCount.objects.filter(flags=0).exists()
    clicks = DayCount.objects.filter(flags=Flag.BOT_AGENT).values_list("clicks", flat=True)
    assert sum(count or 0 for count in clicks) == 3
    assert build(experiment).views == 0


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"experiment": 2}, {"video": 1}, {"viewer": 9}, {"arm": 1}])
@pytest.mark.parametrize("step", ["viewable", "click"])
def test_an_id_that_another_has_is_refused_and_counted(change: dict[str, int], step: str) -> None:
    one, two = make_experiment("one", videos=2), make_experiment("two", videos=1)
    video, other = (video.pk for video in one.videos.order_by("pk"))
    mine = Impression(impression_id(now_ms(), 5, 0), 1, video, one.pk, 1, 0, 0, 1 / 3)
    pks = {"experiment": two.pk, "video": other}
    changed: dict[str, Any] = {name: pks.get(name, value) for name, value in change.items()}
    another = replace(mine, **changed)
    assert tell(signer().sign(mine), "viewable")["accepted"] == 1
    told = tell(signer().sign(another), step)
    assert told == {"accepted": 0, "duplicate": 0, "rejected": {TAKEN: 1}}
    assert Event.objects.count() == 1
    roll_up()
    refused = RefusedCount.objects.get()
    assert (refused.experiment_id, refused.reason) == (another.experiment, TAKEN)


@pytest.mark.django_db
def test_one_batch_with_two_of_one_id_keeps_the_first() -> None:
    one, two = make_experiment("one", videos=1), make_experiment("two", videos=1)
    mine = Impression(impression_id(now_ms(), 5, 0), 1, 1, one.pk, 1, 0, 0, 1 / 3)
    sent = [
        {"token": signer().sign(replace(mine, experiment=of.pk)), "step": step}
        for of, step in ((one, "viewable"), (two, "viewable"), (two, "click"), (one, "click"))
    ]
    receipt = send(*sent[:3])
    assert (receipt.accepted, receipt.rejected) == (1, {TAKEN: 2})
    receipt = send(*sent[3:])
    assert (receipt.accepted, receipt.rejected) == (1, {})
