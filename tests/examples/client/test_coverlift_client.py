"""The client, against the site itself."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from examples.client.coverlift_client import Coverlift, Refused
from experiments.access_keys import issue
from experiments.models import Event, Experiment, Video
from experiments.serving import feed
from tests.experiments.world import BROWSER, make_experiment

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_sites_server_asks_and_tells(live_server: Any) -> None:
    make_experiment()
    site = Coverlift(live_server.url, key=issue("shop", ["embed"])[1])
    feed.refresh()
    slots = site.arms("visitor-1", ["pilot-0", "gone", "pilot-2"])
    assert [slot["video"]["slug"] for slot in slots] == ["pilot-0", "pilot-2"]
    events = [{"token": slot["token"], "step": "click"} for slot in slots]
    assert site.tell(events, agent=BROWSER)["accepted"] == 2
    assert Event.objects.exists()
    with pytest.raises(Refused, match=r"403.*neither revoked nor expired"):
        Coverlift(live_server.url, key="coverlift_x").arms("visitor-1", ["pilot-0"])


def test_a_program_reads_lists_whole_and_acts(live_server: Any) -> None:
    make_experiment()
    Video.objects.bulk_create(Video(slug=f"v{i}", title="v") for i in range(600))
    person = User.objects.create_superuser("ann")
    own = Coverlift(live_server.url, token=issue("x", ["manage"], user=person)[1])
    assert sum(1 for _ in own.all("videos")) == 603
    assert sum(1 for _ in own.all("videos", title="pilot")) == 3
    assert own.post("experiments/pilot/pause", {"why": "a test"})["state"] == "paused"
    assert Experiment.objects.get().state == "paused"
    with pytest.raises(Refused) as refused:
        own.post("experiments/pilot/pause")
    assert (refused.value.status, list(refused.value.told)) == (409, ["detail"])
    with pytest.raises(Refused, match="401"):
        Coverlift(live_server.url, token="coverlift_x").get("videos")
