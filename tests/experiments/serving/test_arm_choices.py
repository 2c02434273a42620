"""What an arm may show of a set of videos, and which videos a creative keeps out."""

import pytest
from pytest_django import DjangoAssertNumQueries

from experiments.design import ArmDesign, Design
from experiments.errors import InvalidValuesError
from experiments.models import Creative, Thumbnail, Video
from experiments.serving import lifecycle
from experiments.serving.arm_choices import arm_choices, creatives_problem
from tests.experiments.world import make_video

pytestmark = pytest.mark.django_db
ARMS = (ArmDesign("Control", "raw"), ArmDesign("Spring", "spring"))


def add_creative(video: Video, name: str = "spring", *, made: bool = True, error: str = "") -> None:
    creative = Creative.objects.create(
        video=video, name=name, size_bytes=1, content_sha256="1", error_code=error
    )
    if made:
        Thumbnail.objects.create(
            video=video, selector=name, creative=creative, model_version="brought", size_bytes=1,
            width=320, height=180, media_type="image/jpeg", file="thumbnails/a", shots_s=[],
            candidates=[], shot_length_s=0, renditions=[],
        )  # fmt: skip


def test_all_that_an_arm_may_show_is_told_with_samples(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    videos = [make_video(f"v{number}", selectors=("gevaden", "raw")) for number in range(5)]
    make_video("elsewhere", selectors=("hecate",))
    for video in videos[1:]:
        add_creative(video)
    with django_assert_num_queries(3):
        choices = arm_choices(Video.objects.filter(slug__startswith="v"))
    assert [(each.selector, each.is_creative, each.videos) for each in choices] == [
        ("raw", False, 5),
        ("gevaden", False, 5),
        ("spring", True, 4),
    ]
    shown = [(video.slug, thumbnail is not None) for video, thumbnail in choices[2].samples]
    assert shown == [("v0", False), ("v1", True), ("v2", True)]


def test_a_video_that_lacks_the_creative_is_named() -> None:
    for number in range(4):
        make_video(f"v{number}")
    videos = Video.objects.all()
    assert creatives_problem(videos, ARMS) == ""  # nobody has brought any
    add_creative(Video.objects.get(slug="v1"))
    assert creatives_problem(videos, ARMS) == (
        "3 of the videos lack the creative 'spring' (v0, v2, v3): bring it, or leave them out"
    )
    for slug in ("v0", "v2", "v3"):
        add_creative(Video.objects.get(slug=slug), made=False, error="x" if slug == "v2" else "")
    assert creatives_problem(videos, ARMS) == (
        "1 of the videos lacks the creative 'spring' (v2): bring it, or leave them out"
    )


def test_it_cannot_be_in_that_experiment() -> None:
    for slug in ("has", "lacks"):
        make_video(slug)
    add_creative(Video.objects.get(slug="has"))
    design = Design(slug="covers", name="Covers", arms=ARMS)
    with pytest.raises(InvalidValuesError, match=r"lacks the creative 'spring' \(lacks\)"):
        lifecycle.draft(design, ["has", "lacks"])
    experiment = lifecycle.draft(design)  # all that have every arm's picture
    assert [video.slug for video in experiment.videos.all()] == ["has"]
    experiment.videos.add(Video.objects.get(slug="lacks"))
    with pytest.raises(InvalidValuesError, match=r"lacks the creative 'spring' \(lacks\)"):
        lifecycle.start(experiment)
    experiment.videos.remove(Video.objects.get(slug="lacks"))
    lifecycle.start(experiment)
    assert experiment.state == "running"


def test_a_creative_that_is_still_to_be_made_may_be_an_arm() -> None:
    add_creative(make_video("has"), made=False)
    design = Design(slug="covers", name="Covers", arms=ARMS)
    assert list(lifecycle.draft(design, ["has"]).videos.all()) == [Video.objects.get()]
