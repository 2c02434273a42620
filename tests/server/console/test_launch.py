"""The checklist before a launch, what mends it, and the launch."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from experiments.design import ArmDesign
from experiments.models import AuditEntry, Creative, Experiment, Thumbnail, Video
from experiments.planning.of_videos import MOST_BYTES
from experiments.serving import drafts
from experiments.tasks import make_thumbnails
from tests.experiments.analysis.report.cast import counted_study
from tests.experiments.world import make_experiment, make_video

pytestmark = pytest.mark.django_db
ADDRESS = "/console/experiments/spring/edit/launch/"


def draft(*videos: Video) -> Experiment:
    made = drafts.open_draft("Spring", "")
    drafts.set_videos(made, Video.objects.filter(pk__in=[video.pk for video in videos]))
    drafts.set_arms(made, (ArmDesign("Still", "raw"), ArmDesign("GIF", "gevaden")))
    return made


def test_a_launch_starts_it_with_its_reason(console: Client) -> None:
    made = draft(make_video("v1"))
    given = {"act": "start", "ramp": "0.05", "why": "as planned"}
    assert console.post(ADDRESS, given)["Location"] == "/console/experiments/spring/"
    made.refresh_from_db()
    assert (made.state, made.phases.get().ramp) == ("running", 0.05)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.act, entry.why, entry.door, entry.who) == (
        "start", "as planned", "console", "admin",
    )  # fmt: skip


def test_a_reason_is_asked_for(console: Client) -> None:
    made = draft(make_video("v1"))
    page = console.post(ADDRESS, {"act": "start", "ramp": "1", "why": " "}).content.decode()
    assert "This field is required." in page
    made.refresh_from_db()
    assert made.state == "draft"


def test_what_blocks_says_so_and_is_refused_all_the_same(console: Client) -> None:
    draft(make_video("v1", ("raw",)))
    page = console.get(ADDRESS).content.decode()
    assert "no video of spring has a thumbnail for every arm" in page
    assert "disabled>Launch" in page
    page = console.post(ADDRESS, {"act": "start", "ramp": "1", "why": "x"}).content.decode()
    assert page.count("no video of spring has a thumbnail for every arm") == 2
    assert Experiment.objects.get().state == "draft"


def test_missing_thumbnails_are_made_now(console: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(make_thumbnails, "apply_async", lambda *_: sent.append("sent"))
    lacking = make_video("v1", ("raw",))
    Video.objects.filter(pk=lacking.pk).update(file="videos/v1.mp4")
    draft(lacking, make_video("v2"))
    assert "1 video of 2 would be left out: 1 without that of GIF." in (
        console.get(ADDRESS).content.decode()
    )
    page = console.post(ADDRESS, {"remedy": "make"}, follow=True).content.decode()
    assert "1 videos queued" in page
    assert sent == ["sent"]
    lacking.refresh_from_db()
    assert (lacking.state, lacking.urgency) == ("waiting", Video.Urgency.PERSON)


def test_videos_of_another_test_are_left_out(console: Client) -> None:
    other = make_experiment("other", videos=1)
    made = draft(make_video("v1"), other.videos.get())
    assert "share 1 video" in console.get(ADDRESS).content.decode()
    page = console.post(ADDRESS, {"remedy": "leave_out_shared"}, follow=True).content.decode()
    assert "1 videos left out." in page
    assert list(made.videos.values_list("slug", flat=True)) == ["v1"]
    odd = console.post(ADDRESS, {"remedy": "pray"}, follow=True).content.decode()
    assert "must be one of make, leave_out_equal, leave_out_shared" in odd


def test_the_last_a_a_test_is_told_aside(console: Client) -> None:
    draft(make_video("v1"))
    same = counted_study(slug="same")
    same.arms.update(selector="raw")
    address = "/console/experiments/spring/fairness/"
    assert f'hx-get="{address}"' in console.get(ADDRESS).content.decode()
    alone = console.get(address).content.decode()
    assert "same shows the same in all arms and yet differs" in alone
    assert "<html" in alone
    part = console.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "same shows the same in all arms and yet differs" in part
    assert "<html" not in part


def test_few_queries_however_much_there_is_to_say(
    console: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    videos = [make_video(f"v{number}") for number in range(40)]
    Thumbnail.objects.filter(selector="gevaden").update(size_bytes=MOST_BYTES + 1)
    bring(videos, "cover")
    lacking = make_video("lacking", ("raw",))
    made = draft(*videos, lacking)
    arms = [ArmDesign(name, name) for name in ("raw", "gevaden", "cover")]
    drafts.set_arms(made, arms)
    drafts.set_values(made, {"layer": "front", "layer_to": 0.5})
    for number in range(30):
        other = make_experiment(f"e{number}", videos=1)
        other.videos.add(videos[number])
    counted_study(slug="same").arms.update(selector="raw")
    console.get("/console/audit/")  # a session is noted as seen at its first page
    with django_assert_max_num_queries(15):
        page = console.get(ADDRESS).content.decode()
    for said in ("share 1 video", "would be left out", "weigh more than", "lacks the creative"):
        assert said in page
    with django_assert_max_num_queries(15):
        console.get("/console/experiments/spring/fairness/")


def bring(videos: list[Video], name: str) -> None:
    """Let the videos have a picture that somebody brought."""
    for video in videos:
        creative = Creative.objects.create(
            video=video, name=name, file="x", content_sha256="1", size_bytes=1
        )
        Thumbnail.objects.create(
            video=video, selector=name, creative=creative, model_version="1", size_bytes=1,
            width=320, height=180, media_type="image/jpeg", file="x", shots_s=[0], candidates=[],
        )  # fmt: skip
