"""`manage.py make_storyboards`: of those videos alone that lack one, one after the other."""

from io import StringIO

import pytest
from django.core.management import call_command

from experiments import tasks
from experiments.models import Video
from tests.experiments.world import make_video

pytestmark = pytest.mark.django_db
EVERY_S = sorted(
    {round(12.5 * (part + 0.5) / 60, 2) for part in range(60)} | {0.0}
)  # and its shot's


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Keep in the place of a broker behind which videos the tasks are to go on."""
    sent: list[int] = []
    monkeypatch.setattr(tasks.make_storyboards, "delay", lambda after=0: sent.append(after))
    return sent


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note in the place of making it whose storyboard is made; one cannot be."""
    made: list[int] = []

    def make(video: Video) -> None:
        made.append(video.pk)
        if video.slug == "on-a-lost-disk":
            raise OSError("no such disk")

    monkeypatch.setattr("experiments.making.storyboard_steps.make_storyboard", make)
    return made


def _videos() -> list[Video]:
    """Make videos of all kinds, and return those that lack a storyboard."""
    times_s = {"has": EVERY_S, "outdated": [1.0], "on-a-lost-disk": None, "without": None}
    for slug, kept_s in times_s.items():
        video = make_video(slug)
        video.file = f"videos/{slug}.mp4"
        video.storyboard = None if kept_s is None else {"times_s": kept_s}
        video.save()
    make_video("imported-without-a-file")
    waiting = make_video("still-waiting")
    Video.objects.filter(pk=waiting.pk).update(file="videos/w.mp4", state=Video.State.WAITING)
    return list(Video.objects.filter(slug__in=set(times_s) - {"has"}).order_by("pk"))


def test_one_task_is_sent_for_all_that_is_missing(queue: list[int]) -> None:
    lacking = _videos()
    call_command("make_storyboards", stdout=(out := StringIO()))
    assert queue == [0]
    assert out.getvalue() == f"storyboards to make: {len(lacking)}\n"


def test_nothing_is_sent_where_nothing_is_missing(queue: list[int]) -> None:
    call_command("make_storyboards", stdout=(out := StringIO()))
    assert (queue, out.getvalue()) == ([], "storyboards to make: 0\n")


def test_each_task_makes_one_and_leaves_the_others_to_another(
    queue: list[int], made: list[int]
) -> None:
    outdated, lost, without = _videos()
    tasks.make_storyboards()
    assert (made, queue) == ([outdated.pk], [outdated.pk])
    with pytest.raises(OSError, match="no such disk"):
        tasks.make_storyboards(queue[-1])
    tasks.make_storyboards(queue[-1])
    assert made == queue == [outdated.pk, lost.pk, without.pk]
    tasks.make_storyboards(queue[-1])
    assert made == queue == [outdated.pk, lost.pk, without.pk]
