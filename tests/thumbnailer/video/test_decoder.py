"""Which decoder reads a stream, and that it does not show noise as pictures."""

from pathlib import Path

import av
import numpy as np
import pytest

from tests.thumbnailer.clips import scenes, write_clip
from tests.thumbnailer.video.test_damage import FPS, GOP, decoded, film
from thumbnailer.video import decoder
from thumbnailer.video.container import open_video
from thumbnailer.video.decode import film_frames
from thumbnailer.video.decoding_log import DecodingLog
from thumbnailer.video.sampling import sample_video

SPOILT = {GOP, 30, 55}


def test_who_reads_vp9(tmp_path: Path) -> None:
    """PyAV's libvpx does not know which way up a picture is."""
    plain = write_clip(tmp_path / "a.webm", scenes([0.5]), codec="libvpx-vp9")
    turned = write_clip(tmp_path / "b.mp4", scenes([0.5]), codec="libvpx-vp9", rotation=90)
    names = []
    for clip in (plain, turned):
        with open_video(clip) as video:
            names.append(video.decoder.name)
    assert names == ["libvpx-vp9", "vp9"]


@pytest.mark.parametrize("codec", ["libvpx", "libvpx-vp9"])
def test_keyframes_are_known(tmp_path: Path, codec: str) -> None:
    """A seek is trusted where it lands on one; libvpx does not tell of them."""
    clip = write_clip(tmp_path / "a.webm", film(), codec=codec, gop=GOP)
    with open_video(clip) as video:
        found = [number for number, each in enumerate(film_frames(video)) if each.is_key]
    assert found == [0, GOP, 2 * GOP, 3 * GOP]


def spoilt(whole: Path, target: Path) -> Path:
    """Copy the film, with one bit of some packets changed."""
    content = bytearray(whole.read_bytes())
    with av.open(str(whole)) as container:
        middles = [
            packet.pos + packet.size // 2
            for packet in container.demux(video=0)
            if packet.pos is not None
        ]
    for number in SPOILT:
        content[middles[number]] ^= 1
    target.write_bytes(content)
    return target


def false_pictures(whole: Path, target: Path) -> set[int]:
    """Spoil packets; return the numbers of frames that are shown as sound and are not."""
    there, found = decoded(whole), decoded(spoilt(whole, target))
    assert set(range(FPS)) <= set(found), "what comes before is read"
    assert {GOP * 3, GOP * 3 + 1} <= set(found), "what begins with a whole keyframe is read"
    return {
        number
        for number, (errors, picture) in found.items()
        if not errors and np.abs(picture - there[number][1]).mean() > 0.5
    }


@pytest.mark.parametrize(("name", "codec"), [("a.webm", "libvpx-vp9"), ("a.mp4", "libsvtav1")])
def test_no_noise_passes_for_pictures(tmp_path: Path, name: str, codec: str) -> None:
    whole = write_clip(tmp_path / f"whole-{name}", film(), codec=codec, gop=GOP)
    assert {errors for errors, _ in decoded(whole).values()} == {0}
    assert not false_pictures(whole, tmp_path / name)


@pytest.mark.parametrize(("name", "codec"), [("a.webm", "libvpx-vp9"), ("a.mp4", "libsvtav1")])
def test_where_pictures_are_refused_the_last_one_is_not_taken_for_film(
    tmp_path: Path, name: str, codec: str
) -> None:
    whole = write_clip(tmp_path / f"whole-{name}", film(), codec=codec, gop=GOP)
    clip = spoilt(whole, tmp_path / name)
    errors = [
        sample.errors
        for sample in sample_video(clip, rgb_size=32, log=DecodingLog())
        for _ in range(sample.first_tick, sample.end_tick)
    ]
    assert len(errors) == 4 * GOP
    assert not any(errors[:GOP])
    assert all(errors[GOP + 1 : 2 * GOP - 1])
    assert not any(errors[3 * GOP :])


def test_dav1d_that_is_not_held_to_the_standard_shows_noise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So the option is needed, and the test before would fail without it."""
    monkeypatch.setattr(decoder, "OPTIONS", {})
    whole = write_clip(tmp_path / "whole.mp4", film(), codec="libsvtav1", gop=GOP)
    assert false_pictures(whole, tmp_path / "a.mp4")
