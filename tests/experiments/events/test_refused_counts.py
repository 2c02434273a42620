"""Refusals and repeats by experiment, each counted once, however they come."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from experiments.events.ingest import receive
from experiments.events.rollup import roll_up
from experiments.models import RefusedCount, Rejection
from experiments.serving import feed
from tests.experiments.world import BROWSER, make_experiment

pytestmark = pytest.mark.django_db


def counted(slug: str) -> dict[str, int]:
    rows = RefusedCount.objects.filter(experiment__slug=slug).values_list("reason", "events")
    return dict(rows)


def test_a_page_that_a_shared_cache_sends_a_hundred_times() -> None:
    """Case A5: the repeats of one experiment are its own, and those of another another's."""
    make_experiment("cached")
    make_experiment("other")
    events = [
        {"token": slot.token, "step": "viewable"}
        for slot in feed.slots("ann", experiment="cached").slots
    ]
    body = json.dumps({"events": events}).encode()
    for time in range(100):
        receive(body, BROWSER)
        if time % 30 == 0:
            roll_up()
    roll_up()
    assert counted("cached") == {"duplicate": 99 * len(events)}
    assert counted("other") == {}
    roll_up()
    assert counted("cached") == {"duplicate": 99 * len(events)}


def test_refusals_of_no_experiment_or_of_one_that_is_gone_are_the_sites_alone() -> None:
    experiment = make_experiment()
    for of in (None, experiment.pk, experiment.pk + 1):
        Rejection.objects.create(reason="forged", events=2, experiment=of)
    roll_up()
    assert counted("pilot") == {"forged": 2}
    assert RefusedCount.objects.count() == 1
    assert not Rejection.objects.filter(is_counted=False).exists()


def test_what_is_kept_of_refused_events_has_a_bound() -> None:
    make_experiment()
    yesterday = timezone.now() - timedelta(days=1)
    for number in range(200):
        receive(b'{"events": [{"token": "%d", "step": "click"}]}' % number, BROWSER)
        if number % 50 == 0:
            Rejection.objects.filter(sample="0").update(at=yesterday)
            roll_up()
    roll_up()
    assert sorted(Rejection.objects.values_list("reason", "events", "sample")) == [
        ("malformed", 1, "0"), ("malformed", 199, "199"),
    ]  # fmt: skip
    kept = list(Rejection.objects.values_list("pk"))
    roll_up()
    assert list(Rejection.objects.values_list("pk")) == kept
