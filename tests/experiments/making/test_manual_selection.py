"""A person's shots are checked, kept, and made before all else."""

import pytest
from pytest_django import Settings

from experiments.errors import ExperimentError
from experiments.making.manual_selection import (
    can_differ,
    distinguish,
    pick,
    shown_by,
    twins,
    unpick,
)
from experiments.models import Thumbnail, Video
from tests.experiments.world import make_experiment, make_video

pytestmark = pytest.mark.django_db


@pytest.fixture
def thumbnail() -> Thumbnail:
    made = make_video("bikes", ("gevaden",)).thumbnails.get()
    made.shots_s, made.candidates = [1, 2, 3], [[[1, 2, 3], 0.9], [[4, 2, 8], 0.5]]
    made.save()
    return made


def test_a_choice_is_kept_with_its_name_and_queued_first(thumbnail: Thumbnail) -> None:
    pick(thumbnail, [7.5, 2, 4], by="ann")
    thumbnail.refresh_from_db()
    assert (thumbnail.shots_s, thumbnail.picked_by) == ([7.5, 2, 4], "ann")
    assert thumbnail.candidates[0][0] == [1, 2, 3]
    video = Video.objects.get()
    assert (video.state, video.urgency) == (Video.State.WAITING, Video.Urgency.PERSON)


def test_a_choice_can_be_given_back(thumbnail: Thumbnail) -> None:
    pick(thumbnail, [7.5, 2, 4], by="ann")
    unpick(thumbnail)
    thumbnail.refresh_from_db()
    assert (thumbnail.shots_s, thumbnail.picked_by) == ([1, 2, 3], "")


@pytest.mark.parametrize(
    ("shots_s", "message"),
    [
        ([1, 2], "2 shots, must be 3"),
        ([1, 2, 11.6], r"shot == 11.6 s, must be from 0 to 11.5 s"),
        ([-1, 2, 4], "shot == -1 s"),
        ([float("nan"), 2, 4], "shot == nan s"),
        ([float("inf"), 2, 4], "shot == inf s"),
        ([5, 2, 4.5], "shots at 4.5 s and 5 s overlap, must be 1 s apart"),
    ],
)
def test_shots_that_the_video_does_not_have_are_refused(
    thumbnail: Thumbnail, shots_s: list[float], message: str
) -> None:
    with pytest.raises(ExperimentError, match=message):
        pick(thumbnail, shots_s, by="ann")
    thumbnail.refresh_from_db()
    assert (thumbnail.shots_s, thumbnail.picked_by) == ([1, 2, 3], "")


def test_a_video_in_the_making_is_left_alone(thumbnail: Thumbnail) -> None:
    Video.objects.update(state=Video.State.MAKING)
    with pytest.raises(ExperimentError, match="being made right now"):
        pick(thumbnail, [7, 2, 4], by="ann")


def test_a_failed_video_is_tried_again_with_the_new_shots(thumbnail: Thumbnail) -> None:
    Video.objects.update(state=Video.State.FAILED, error_code="crashed", error_message="x")
    pick(thumbnail, [7, 2, 4], by="ann")
    assert Video.objects.get().state == Video.State.WAITING


def test_tells_which_experiments_show_a_video() -> None:
    experiment = make_experiment(videos=1)
    assert shown_by(experiment.videos.get()) == [experiment]


def test_a_twin_shows_its_next_candidate_that_differs_and_says_so(
    thumbnail: Thumbnail, settings: Settings
) -> None:
    other = Thumbnail.objects.create(
        video=thumbnail.video, selector="re_seq2seq", model_version="1", size_bytes=1, width=2,
        height=2, media_type="image/gif", file="x", shots_s=[3, 2, 1], candidates=[],
    )  # fmt: skip
    assert twins([thumbnail, other]) == {"gevaden": ["re_seq2seq"], "re_seq2seq": ["gevaden"]}
    thumbnail.note = "the selector's own"
    distinguish(thumbnail, by="ann")
    thumbnail.refresh_from_db()
    assert (thumbnail.shots_s, thumbnail.picked_by) == ([4, 2, 8], "ann")
    assert thumbnail.note == (
        "the selector's own; shows candidate 2, as re_seq2seq shows the same shots as those before"
    )
    assert twins([thumbnail, other]) == {"gevaden": [], "re_seq2seq": []}
    unpick(thumbnail)  # the selector's own would be a twin again
    assert (thumbnail.shots_s, thumbnail.picked_by) == ([4, 2, 8], "")
    settings.DISTINCT_ARMS = False
    unpick(thumbnail)
    assert (thumbnail.shots_s, thumbnail.note) == ([1, 2, 3], "the selector's own")


def test_where_every_candidate_is_shown_by_another_it_is_refused(thumbnail: Thumbnail) -> None:
    for number, shots_s in enumerate([[1, 2, 3], [4, 2, 8]]):
        Thumbnail.objects.create(
            video=thumbnail.video, selector=f"s{number}", model_version="1", size_bytes=1, width=2,
            height=2, media_type="image/gif", file="x", shots_s=shots_s, candidates=[],
        )  # fmt: skip
    assert not can_differ(thumbnail, thumbnail.video.thumbnails.all())
    with pytest.raises(ExperimentError, match="every candidate of gevaden is shown by another"):
        distinguish(thumbnail, by="ann")
