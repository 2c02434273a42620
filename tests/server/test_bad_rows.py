"""No page of the site fails because of a row, however the row came into the database."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from experiments.analysis import summaries
from experiments.models import Arm, Cell, DayCount, Experiment, Phase
from experiments.serving import feed
from tests.experiments.analysis.report.cast import counted_study
from tests.experiments.world import make_experiment
from tests.reading import as_read

pytestmark = pytest.mark.django_db

SHARED_PAGES = ("/", "/dashboards/", "/api/feed?viewer=ann", "/api/v1/experiments",
                "/api/v1/videos",
                "/console/admin/experiments/experiment/", "/console/", "/console/making/",
                "/feed/good/", "/dashboards/good/", "/api/v1/reports/good",
                "/api/feed?viewer=ann&experiment=good")  # fmt: skip
OWN_PAGES = ("/feed/{}/", "/dashboards/{}/", "/dashboards/{}/thumbnails/", "/api/v1/reports/{}",
             "/api/v1/experiments/{}", "/api/v1/experiments/{}/counts",
             "/api/v1/experiments/{}/counts?by=video",
             "/api/feed?viewer=ann&experiment={}")  # fmt: skip


def bare(**fields: object) -> Experiment:
    values = {"slug": "bad", "name": "Bad", "state": "running", "started_at": timezone.now()}
    return Experiment.objects.create(**values | fields)


def without_arms() -> None:
    bare().videos.set(Experiment.objects.get(slug="good").videos.all())


def without_videos_and_phases() -> None:
    Arm.objects.create(experiment=bare(), index=0, name="raw", selector="raw")


def without_weight() -> None:
    make_experiment("bad").arms.update(weight=0)


def without_control() -> None:
    make_experiment("bad").arms.filter(index=0).delete()


def without_an_arm_that_was_counted() -> None:
    counted_study(slug="bad", ended=False).arms.filter(index=1).delete()


def without_a_video_that_was_counted() -> None:
    counted_study(slug="bad").videos.all()[0].delete()


def with_an_allocation_of_nothing() -> None:
    make_experiment("bad").phases.update(allocation=[["x", 0], 7])


def with_an_arm_that_is_not_there() -> None:
    make_experiment("bad").phases.update(allocation=[[2**32, 9]])


def with_more_clicks_than_views() -> None:
    experiment = counted_study(slug="bad", ended=False)
    DayCount.objects.filter(cell__in=Cell.objects.filter(phase__experiment=experiment).values("pk")
                            ).update(clicks=10**6)  # fmt: skip


def with_odd_names() -> None:
    experiment = make_experiment("bad")
    Experiment.objects.filter(pk=experiment.pk).update(name="<b>\u202e🎬", simulated="\n" * 50)
    experiment.arms.filter(index=1).update(name="</script>{{ x }}", selector="%s")
    experiment.arms.filter(index=2).update(name=" ", selector="")


def paused_with_an_open_phase() -> None:
    make_experiment("bad")
    Experiment.objects.filter(slug="bad").update(state="paused")


def running_with_a_phase_that_ended() -> None:
    experiment = make_experiment("bad")
    Phase.objects.filter(experiment=experiment).update(ended_at=timezone.now())


BAD_ROWS: list[Callable[[], None]] = [
    without_arms, without_videos_and_phases, without_weight, without_control,
    without_an_arm_that_was_counted, without_a_video_that_was_counted,
    with_an_allocation_of_nothing, with_an_arm_that_is_not_there, with_more_clicks_than_views,
    with_odd_names, paused_with_an_open_phase, running_with_a_phase_that_ended,
]  # fmt: skip


@pytest.mark.parametrize("put", BAD_ROWS, ids=lambda put: put.__name__)
def test_every_page_answers_whatever_rows_there_are(
    admin_client: Client, put: Callable[[], None]
) -> None:
    make_experiment("good")
    put()
    feed.refresh()
    for address in SHARED_PAGES:
        answer = admin_client.get(address, follow=True)
        assert answer.status_code == 200, address
    slots = admin_client.get("/api/feed?viewer=ann&experiment=good").json()["slots"]
    assert None not in {slot["token"] for slot in slots}
    for address in OWN_PAGES:
        answer = admin_client.get(address.format("bad"))
        assert answer.status_code in {200, 404, 409, 410}, address


def test_a_bad_experiment_has_a_sentence_on_its_own_page_and_in_the_list(client: Client) -> None:
    make_experiment("good")
    without_arms()
    summaries.renew()
    sentence = "bad cannot be reported on: number of arms == 0, must be 2 to 256"
    for address in ("/dashboards/", "/dashboards/bad/"):
        assert sentence in as_read(client.get(address).content.decode())
    answer = client.get("/api/v1/reports/bad")
    assert answer.status_code == 409
    assert answer.json()["detail"].startswith(sentence)
