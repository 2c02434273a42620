"""Experiments in the console, as an analyst meets them: through its pages."""

import re
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from experiments.admin.experiments import MAX_PICKED_VIDEOS
from experiments.models import Arm, Experiment, Video
from tests.experiments.admin.test_videos import picture

pytestmark = pytest.mark.django_db

ADD = "/console/admin/experiments/experiment/add/"
LIST = "/console/admin/experiments/experiment/"


@pytest.fixture
def console(admin_client: Client) -> Client:
    return admin_client


STOPPING = {
    "stopping_rule": "always_valid",
    "planned_days": "28",
    "at_end": "notice",
    "looks": "4",
    "level": "0.95",
    "margin": "0.02",
    "primary_metric": "ctr",
    "guardrails": '{"watched_ctr": 0.05}',
}


def experiment_form(arms: list[tuple[str, str, str, str]], **fields: str) -> dict[str, str]:
    """Return what the browser posts: arms as (index, name, selector, weight)."""
    form = {
        "name": "Pilot",
        "slug": "pilot",
        "question": "",
        "unit": "viewer_video",
        "min_views": "1",
        "salt": "0123",
        "simulated": "",
        "holdback": "0.0",
        "layer": "",
        "layer_from": "0.0",
        "layer_to": "1.0",
        **STOPPING,
        "arms-TOTAL_FORMS": str(len(arms)),
        "arms-INITIAL_FORMS": "0",
    }
    for number, (index, name, selector, weight) in enumerate(arms):
        form |= {
            f"arms-{number}-index": index,
            f"arms-{number}-name": name,
            f"arms-{number}-selector": selector,
            f"arms-{number}-weight": weight,
        }
    return form | fields


def draft(*, selectors: tuple[str, ...] = ("raw", "gevaden"), pictured: bool = True) -> Experiment:
    experiment = Experiment.objects.create(slug="e", name="Study")
    video = Video.objects.create(slug="v", title="Bikes")
    experiment.videos.add(video)
    for index, selector in enumerate(selectors):
        Arm.objects.create(experiment=experiment, index=index, name=selector, selector=selector)
        if pictured:
            picture(video, selector)
    return experiment


def act(console: Client, action: str, experiment: Experiment) -> str:
    posted = {"action": action, "_selected_action": [str(experiment.pk)]}
    return unescape(console.post(LIST, posted, follow=True).content.decode())


def test_an_experiment_with_two_arms_is_saved_as_a_draft(console: Client) -> None:
    form = experiment_form([("0", "raw", "raw", "1"), ("1", "GEVADEN", "gevaden", "2")])
    assert console.post(ADD, form).status_code == 302
    experiment = Experiment.objects.get(slug="pilot")
    assert experiment.state == "draft"
    assert [(arm.name, arm.weight) for arm in experiment.arms.all()] == [
        ("raw", 1.0),
        ("GEVADEN", 2.0),
    ]


@pytest.mark.parametrize(
    ("arms", "message"),
    [
        (
            [("0", "raw", "raw", "0"), ("1", "g", "gevaden", "0")],
            "weight == 0 of the control",
        ),
        (
            [("1", "raw", "raw", "1"), ("2", "g", "gevaden", "1")],
            "arm indexes == [1, 2], must be 0",
        ),
        (
            [("0", "raw", "raw", "1"), ("2", "g", "gevaden", "1")],
            "arm indexes == [0, 2], must be 0",
        ),
        (
            [("0", "raw", "raw", "1"), ("0", "g", "gevaden", "1")],
            "arm indexes == [0, 0], must be 0",
        ),
        ([("0", "raw", "raw", "-1"), ("1", "g", "gevaden", "1")], "weight == -1.0 of arm 'raw'"),
        ([("0", "raw", "raw", "x"), ("1", "g", "gevaden", "1")], "Enter a number"),
        ([("0", "raw", "raw", "1")], "number of arms == 1, must be 2 to 256"),
    ],
)
def test_arms_that_cannot_be_compared_are_refused_with_the_reason(
    console: Client, arms: list[tuple[str, str, str, str]], message: str
) -> None:
    answer = console.post(ADD, experiment_form(arms))
    assert answer.status_code == 200
    assert message in unescape(answer.content.decode())
    assert not Experiment.objects.exists()


def test_a_draft_that_is_edited_keeps_to_the_rules(console: Client) -> None:
    experiment = draft()
    address = f"{LIST}{experiment.pk}/change/"
    arms = list(experiment.arms.all())
    form = experiment_form([("0", "raw", "raw", "1"), ("1", "GEVADEN", "gevaden", "3")], slug="e")
    form |= {"arms-INITIAL_FORMS": "2", "videos": str(experiment.videos.get().pk)}
    form |= {f"arms-{i}-id": str(arm.pk) for i, arm in enumerate(arms)}
    refused = console.post(address, form | {"slug": "a/b", "arms-1-selector": "gone"})
    page = unescape(refused.content.decode())
    assert "slug == 'a/b', must be 1 to 60" in page
    assert "selector == 'gone', must be one that makes thumbnails here" in page
    assert console.post(address, form).status_code == 302
    assert Arm.objects.get(name="GEVADEN").weight == 3.0


def test_a_draft_with_pictures_for_every_arm_starts(console: Client) -> None:
    experiment = draft()
    assert "Study: started" in act(console, "start", experiment)
    experiment.refresh_from_db()
    assert experiment.state == "running"
    assert experiment.started_at is not None


def test_a_draft_that_cannot_start_stays_one_and_the_page_says_why(console: Client) -> None:
    experiment = draft(pictured=False)
    assert "no video of e has a thumbnail for every arm" in act(console, "start", experiment)
    Experiment.objects.all().delete()
    empty = Experiment.objects.create(slug="e", name="Study")
    assert "number of arms == 0, must be 2 to 256" in act(console, "start", empty)
    assert set(Experiment.objects.values_list("state", flat=True)) == {"draft"}


def test_an_experiment_is_taken_through_its_life_by_actions(console: Client) -> None:
    experiment = draft()
    for action, done in [("start", "started"), ("pause", "paused"), ("resume", "resumed"),
                         ("end", "ended")]:  # fmt: skip
        assert f"Study: {done}" in act(console, action, experiment)
    assert "must be running or paused to be ended" in act(console, "end", experiment)
    assert "an experiment starts once" in act(console, "start", experiment)
    experiment.refresh_from_db()
    assert experiment.state == "ended"
    assert experiment.phases.count() == 2
    log = LogEntry.objects.filter(object_id=str(experiment.pk)).order_by("pk")
    assert [entry.change_message for entry in log] == [
        f"The experiment was {word}." for word in ("started", "paused", "resumed", "ended")
    ]


def test_a_started_experiment_keeps_what_its_assignment_follows_from(console: Client) -> None:
    experiment = draft()
    act(console, "start", experiment)
    experiment.refresh_from_db()
    form = experiment_form(
        [("0", "x", "x", "9"), ("1", "y", "y", "9")],
        salt="another",
        unit="viewer",
        min_views="50",
        name="New name",
        slug="e",
        videos=str(experiment.videos.get().pk),
    )
    answer = console.post(f"{LIST}{experiment.pk}/change/", form)
    assert answer.status_code == 302
    after = Experiment.objects.get(pk=experiment.pk)
    assert after.name == "New name"
    assert (after.salt, after.unit, after.min_views) == (experiment.salt, "viewer_video", 1)
    assert [(arm.name, arm.weight) for arm in after.arms.all()] == [("raw", 1.0), ("gevaden", 1.0)]


def test_the_page_of_a_started_experiment_says_why_it_is_locked(console: Client) -> None:
    experiment = draft()
    act(console, "start", experiment)
    page = console.get(f"{LIST}{experiment.pk}/change/").content.decode()
    assert "Locked: the experiment has started" in page
    assert 'name="salt"' not in page
    assert 'name="videos"' not in page
    assert f'?experiments__id__exact={experiment.pk}">1 videos</a>' in page
    assert 'name="arms-0-weight"' not in page


def test_videos_are_picked_in_a_draft_while_they_are_few(console: Client) -> None:
    experiment = draft()
    address = f"{LIST}{experiment.pk}/change/"
    assert 'name="videos"' in console.get(address).content.decode()
    more = [Video(slug=f"v{i}", title="v") for i in range(MAX_PICKED_VIDEOS)]
    experiment.videos.add(*Video.objects.bulk_create(more))
    assert 'name="videos"' not in console.get(address).content.decode()


def test_a_running_experiment_cannot_be_deleted_and_a_draft_can(console: Client) -> None:
    experiment = draft()
    act(console, "start", experiment)
    delete = f"{LIST}{experiment.pk}/delete/"
    assert console.post(delete, {"post": "yes"}).status_code == 403
    Experiment.objects.filter(pk=experiment.pk).update(state="draft", started_at=None)
    assert console.post(delete, {"post": "yes"}).status_code == 302
    assert not Experiment.objects.exists()


def test_the_list_of_experiments_says_which_are_simulated(console: Client) -> None:
    Experiment.objects.create(
        slug="s",
        name="Drawn",
        simulated="drawn by a model",
        started_at=timezone.now(),
        state="running",
    )
    page = console.get(LIST).content.decode()
    assert re.search(r'field-made_traffic"><img src="[^"]*icon-yes.svg[^"]*" alt="True"', page)
