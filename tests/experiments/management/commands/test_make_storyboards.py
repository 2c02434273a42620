"""`manage.py make_storyboards`: of those videos alone that lack one."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from experiments import tasks
from experiments.models import Video
from tests.experiments.world import make_video

pytestmark = pytest.mark.django_db


def test_only_what_is_missing_is_queued(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def note(arguments: tuple[int], *_: Any, **__: Any) -> None:
        asked.extend(arguments)

    monkeypatch.setattr(tasks.make_storyboard, "apply_async", note)
    every_s = {round(12.5 * (part + 0.5) / 60, 2) for part in range(60)} | {0.0}  # and its shot's
    has, outdated, without = (make_video(slug) for slug in ("has", "outdated", "without"))
    for video, times_s in ((has, sorted(every_s)), (outdated, [1.0]), (without, None)):
        video.file = f"videos/{video.slug}.mp4"
        video.storyboard = None if times_s is None else {"times_s": times_s}
        video.save()
    make_video("imported-without-a-file")
    waiting = make_video("still-waiting")
    Video.objects.filter(pk=waiting.pk).update(file="videos/w.mp4", state=Video.State.WAITING)
    call_command("make_storyboards", stdout=(out := StringIO()))
    assert sorted(asked) == sorted([outdated.pk, without.pk])
    assert out.getvalue() == "storyboards queued: 2\n"
