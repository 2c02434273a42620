"""Videos are deleted without breaking what has them."""

from pathlib import Path

import pytest
from pytest_django import Settings

from experiments.analysis.report.build import build
from experiments.errors import StateError
from experiments.making import deletion
from experiments.models import AuditEntry, Experiment, Thumbnail, Video
from tests.clips import write_clip
from tests.experiments.analysis.report.cast import counted_study
from tests.experiments.videos import add_video
from tests.experiments.world import make_experiment, make_video

pytestmark = pytest.mark.django_db


def delete(*slugs: str) -> int:
    return deletion.delete(Video.objects.filter(slug__in=slugs), why="a test")


def test_the_counts_of_a_live_and_an_ended_experiment_stay() -> None:
    for ended in (False, True):
        study = counted_study(slug=f"study-{ended}", ended=ended)
        before = build(study)
        gone = study.videos.all()[0]
        deletion.delete(Video.objects.filter(pk=gone.pk), why="a test")
        after = build(Experiment.objects.get(pk=study.pk))
        assert after.deleted == (f"deleted-{gone.pk}",)
        assert [arm.views for arm in after.arms] == [arm.views for arm in before.arms]


def test_each_experiment_has_its_sentence_and_the_last_video_of_a_live_one_stays() -> None:
    video = make_video("v")
    Experiment.objects.create(slug="d", name="Draft").videos.add(video)
    make_experiment("two", videos=1).videos.add(video)
    make_experiment("one", videos=0).videos.add(video)
    chosen = Video.objects.filter(slug="v")
    found = {each.experiment.slug: each for each in deletion.consequences(chosen)}
    assert {slug: (each.videos, each.forbids) for slug, each in found.items()} == {
        "d": (1, False), "two": (1, False), "one": (1, True),
    }  # fmt: skip
    assert found["d"].says == "will show the rest"
    with pytest.raises(StateError, match="“one” is live and would be left with no video"):
        delete("v")
    assert chosen.exists()


@pytest.mark.parametrize("state", [Video.State.MAKING, Video.State.EXTRACTING])
def test_a_video_in_a_workers_hands_is_not_deleted(state: Video.State) -> None:
    make_video("v")
    Video.objects.update(state=state)
    with pytest.raises(StateError, match="is being made right now"):
        delete("v")


def test_too_many_at_once_are_refused() -> None:
    Video.objects.bulk_create(Video(slug=f"v{n}", title="v") for n in range(501))
    with pytest.raises(StateError, match="501 videos: choose at most 500 at once"):
        deletion.delete(Video.objects.all(), why="a test")


def test_the_film_goes_and_who_did_it_stays(
    settings: Settings, tmp_path: Path, django_capture_on_commit_callbacks: object
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    write_clip(tmp_path / "clip.mp4", seconds=1)
    film = Path(add_video(tmp_path / "clip.mp4").file.path)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert delete("clip") == 1
    assert not film.exists()
    assert not Thumbnail.objects.exists()
    entry = AuditEntry.objects.get()
    assert (entry.kind, entry.subject, entry.act, entry.why) == (
        "video", "clip", "delete", "a test",
    )  # fmt: skip
