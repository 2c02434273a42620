"""Pictures of single seconds: a new one costs who asks one row, and there are only so many."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from experiments.making.unused_files import unused_files
from experiments.making.video_frames import BusyError, frame_of, make_frame
from experiments.models import Video, VideoFrame
from tests.clips import write_clip
from tests.experiments.videos import add_video

pytestmark = pytest.mark.django_db


@pytest.fixture
def video(settings: Settings, tmp_path: Path) -> Video:
    settings.MEDIA_ROOT = tmp_path / "media"
    path = tmp_path / "clip.mp4"
    write_clip(path, seconds=3)
    return add_video(path, duration_s=3.0)


def test_a_picture_is_asked_for_once_and_made(video: Video) -> None:
    frame, is_new = frame_of(video, 2, 320)
    assert (is_new, frame.is_done) == (True, False)
    assert frame_of(video, 2, 320) == (frame, False)
    make_frame(frame)
    made, is_new = frame_of(video, 2, 320)
    assert (is_new, made.is_done, made.error_message) == (False, True, "")
    with default_storage.open(made.file) as file, Image.open(BytesIO(file.read())) as picture:
        assert picture.format == "JPEG"
        assert max(picture.size) <= 320
    assert VideoFrame.objects.count() == 1
    assert list(unused_files(timedelta(0))) == []
    VideoFrame.objects.all().delete()
    assert list(unused_files(timedelta(0))) == [made.file]


def test_one_that_was_lost_is_asked_for_again_after_a_minute(video: Video) -> None:
    frame, _ = frame_of(video, 2, 320)
    VideoFrame.objects.update(asked_at=timezone.now() - timedelta(seconds=61))
    assert frame_of(video, 2, 320) == (frame, True)
    assert frame_of(video, 2, 320) == (frame, False)


def test_bars_are_cut_away(video: Video) -> None:
    video.film_part = [0.25, 0.0, 0.75, 1.0]
    video.save()
    sizes = []
    for part in (None, [0.25, 0.0, 0.75, 1.0]):
        Video.objects.update(film_part=part)
        video.refresh_from_db()
        VideoFrame.objects.all().delete()
        frame, _ = frame_of(video, 1, 640)
        make_frame(frame)
        with default_storage.open(frame.file) as file, Image.open(BytesIO(file.read())) as picture:
            sizes.append(picture.size)
    assert sizes[1] == (sizes[0][0] // 2, sizes[0][1])


def test_only_so_many_are_new_within_a_minute(video: Video, settings: Settings) -> None:
    settings.FRAMES_A_MINUTE = 2
    frames = [frame_of(video, second, 320)[0] for second in (0, 1)]
    with pytest.raises(BusyError, match="2 pictures were asked for within a minute"):
        frame_of(video, 2, 320)
    assert VideoFrame.objects.count() == 2
    assert frame_of(video, 1, 320) == (frames[1], False)  # those that are there are given out
    VideoFrame.objects.filter(second=0).update(asked_at=timezone.now() - timedelta(seconds=61))
    assert frame_of(video, 2, 320)[1]


def test_only_so_many_are_kept(video: Video, settings: Settings) -> None:
    settings.FRAMES_KEPT = 2
    for second in range(3):
        frame, _ = frame_of(video, second, 320)
        make_frame(frame)
    assert list(VideoFrame.objects.values_list("second", flat=True)) == [1, 2]


def test_a_film_that_cannot_be_shown_is_said_and_not_tried_again(video: Video) -> None:
    Path(video.file.path).write_bytes(b"gone")
    frame, _ = frame_of(video, 1, 320)
    make_frame(frame)
    kept, is_new = frame_of(video, 1, 320)
    assert not is_new
    assert kept.error_message.startswith("clip (")
    assert str(Path(video.file.path).parent) not in kept.error_message
