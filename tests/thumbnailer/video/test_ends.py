"""Films of VP8 of which keyframes have changed: no decoder tells of it, nor any checksum."""

from pathlib import Path

import av
import numpy as np

from tests.thumbnailer.clips import write_clip
from tests.thumbnailer.video.test_damage import FPS, GOP, decoded, film
from thumbnailer.video.ends import EndWatch
from thumbnailer.video.sampling import DecodingLog, sample_video


def changed(tmp_path: Path, numbers: set[int]) -> Path:
    """Change one bit in each of these keyframes; in the last byte of a film's others, none."""
    whole = write_clip(tmp_path / "whole.webm", film(), codec="libvpx", gop=GOP)
    with av.open(str(whole)) as container:
        keyframes = [each for each in container.demux(video=0) if each.is_keyframe]
    content = bytearray(whole.read_bytes())
    for number in numbers:
        place = keyframes[number].pos
        assert place is not None
        content[place + keyframes[number].size // 4] ^= 1
    (tmp_path / "a.webm").write_bytes(content)
    return tmp_path / "a.webm"


def log_of(path: Path) -> DecodingLog:
    log = DecodingLog()
    list(sample_video(path, rgb_size=32, log=log))
    return log


def test_what_is_built_on_a_changed_keyframe_is_broken(tmp_path: Path) -> None:
    clip = changed(tmp_path, {1})
    found, there = decoded(clip), decoded(tmp_path / "whole.webm")
    assert not any(errors for errors, _ in found.values()), "nothing tells of it"
    off = [np.abs(found[number][1] - there[number][1]).mean() > 0.5 for number in there]
    assert off[GOP : 2 * GOP] == [True] * GOP
    log = log_of(clip)
    assert log.is_damaged
    assert (GOP / FPS, 2 * GOP / FPS) in log.broken_s


def test_the_first_keyframe_is_judged_like_any(tmp_path: Path) -> None:
    assert (0, GOP / FPS) in log_of(changed(tmp_path, {0})).broken_s


def test_a_whole_film_is_not_broken(tmp_path: Path) -> None:
    log = log_of(changed(tmp_path, set()))
    assert log.broken_s == []
    assert not log.is_damaged


def test_a_film_whose_keyframes_all_end_so_is_not_judged(tmp_path: Path) -> None:
    """Another coder may end them in its own way: its films are not refused."""
    log = log_of(changed(tmp_path, {0, 1, 2, 3}))
    assert log.ends.broken_s() == []
    assert not log.is_damaged


def test_a_film_that_tells_no_keyframes_is_not_judged() -> None:
    assert EndWatch().broken_s() == []
