"""The console as an analyst uses it: through its pages."""

import pytest
from django.test import Client
from django.utils import timezone

from experiments.admin import MAX_PICKED_VIDEOS, arms_problem
from experiments.models import Arm, Experiment, Thumbnail, Video

pytestmark = pytest.mark.django_db

ADD = "/console/experiments/experiment/add/"
LIST = "/console/experiments/experiment/"


@pytest.fixture
def console(admin_client: Client) -> Client:
    return admin_client


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


def picture(video: Video, selector: str) -> Thumbnail:
    return Thumbnail.objects.create(
        video=video,
        selector=selector,
        model_version="1",
        file=f"thumbnails/{video.slug}-{selector}.gif",
        media_type="image/gif",
        size_bytes=10,
        width=320,
        height=180,
        shots_s=[1.0],
        candidates=[],
    )


def act(console: Client, action: str, experiment: Experiment) -> str:
    posted = {"action": action, "_selected_action": [str(experiment.pk)]}
    return console.post(LIST, posted, follow=True).content.decode()


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
        ([("0", "raw", "raw", "0"), ("1", "g", "g", "0")], "every arm&#x27;s weight is 0"),
        ([("1", "raw", "raw", "1"), ("2", "g", "g", "1")], "no arm has index 0"),
        ([("0", "raw", "raw", "1"), ("2", "g", "g", "1")], "must be 0 to 1, each once"),
        ([("0", "raw", "raw", "1"), ("0", "g", "g", "1")], "correct the duplicate data for index"),
        ([("0", "raw", "raw", "-1"), ("1", "g", "g", "1")], "greater than or equal to 0"),
        ([("0", "raw", "raw", "nan"), ("1", "g", "g", "1")], "Enter a number"),
        ([("0", "raw", "raw", "1")], "1 arms given, must be at least 2"),
    ],
)
def test_arms_that_cannot_be_compared_are_refused_with_the_reason(
    console: Client, arms: list[tuple[str, str, str, str]], message: str
) -> None:
    answer = console.post(ADD, experiment_form(arms))
    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert not Experiment.objects.exists()


def test_an_arm_of_weight_zero_is_allowed_beside_others() -> None:
    assert arms_problem([(0, 1.0), (1, 0.0)]) == ""


def test_a_draft_with_pictures_for_every_arm_starts(console: Client) -> None:
    experiment = draft()
    assert "Study: started" in act(console, "start", experiment)
    experiment.refresh_from_db()
    assert experiment.state == "running"
    assert experiment.started_at is not None


def test_a_draft_without_pictures_for_an_arm_stays_a_draft(console: Client) -> None:
    experiment = draft(pictured=False)
    assert "no video has a thumbnail of every arm" in act(console, "start", experiment)
    experiment.refresh_from_db()
    assert experiment.state == "draft"


def test_a_draft_without_videos_or_arms_stays_a_draft(console: Client) -> None:
    empty = Experiment.objects.create(slug="e", name="Study")
    assert "0 arms given" in act(console, "start", empty)
    Arm.objects.create(experiment=empty, index=0, name="raw", selector="raw")
    Arm.objects.create(experiment=empty, index=1, name="g", selector="g")
    assert "has no video" in act(console, "start", empty)


def test_a_running_experiment_ends_once_and_does_not_start_again(console: Client) -> None:
    experiment = draft()
    act(console, "start", experiment)
    assert "Study: ended" in act(console, "end", experiment)
    assert "must be running to be ended" in act(console, "end", experiment)
    assert "an experiment starts once" in act(console, "start", experiment)
    experiment.refresh_from_db()
    assert experiment.state == "ended"


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


def test_a_failed_video_shows_its_error_in_the_list(console: Client) -> None:
    Video.objects.create(
        slug="torn", title="Torn", state="failed", error_code="unreadable", error_message="no video"
    )
    Video.objects.create(slug="fine", title="Fine")
    listing = "/console/experiments/video/"
    assert "unreadable: no video" in console.get(listing).content.decode()
    failed = console.get(listing, {"state__exact": "failed"}).content.decode()
    assert "Torn" in failed
    assert "Fine" not in failed


def test_a_video_shows_its_pictures_and_none_can_be_added_by_hand(console: Client) -> None:
    thumbnail = picture(Video.objects.create(slug="v", title="Bikes"), "gevaden")
    page = console.get(f"/console/experiments/video/{thumbnail.video.pk}/change/").content.decode()
    assert f'<img src="{thumbnail.file.url}" width="160" height="90"' in page
    assert console.get("/console/experiments/thumbnail/add/").status_code == 403
    listing = console.get("/console/experiments/thumbnail/").content.decode()
    assert thumbnail.file.url in listing


def test_the_list_of_experiments_says_which_are_simulated(console: Client) -> None:
    Experiment.objects.create(
        slug="s",
        name="Drawn",
        simulated="drawn by a model",
        started_at=timezone.now(),
        state="running",
    )
    page = console.get(LIST).content.decode()
    assert 'field-made_traffic"><img src="/static/admin/img/icon-yes.svg" alt="True"' in page
