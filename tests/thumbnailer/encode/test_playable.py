"""Films for browsers: what is needed is made, and picture and sound stay together."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from tests.thumbnailer.clips import with_another_height, write_clip
from tests.thumbnailer.video.test_damage import GOP
from tests.thumbnailer.video.test_damage import film as scenes
from thumbnailer.encode.playable import plays_in_browsers, write_playable
from thumbnailer.errors import UnreadableVideoError
from thumbnailer.settings import DEFAULT_FILM
from thumbnailer.video.probe import probe

FPS, HZ = 10, 44_100
FLASH_S = 2.0  # white and loud from here on


def write_film(path: Path, *, codec: str = "mpeg4", sound: str = "mp2", first_s: int = 0) -> Path:
    """Write four seconds that are black and silent, then white and loud."""
    with av.open(str(path), "w") as container:
        picture = container.add_stream(codec, rate=FPS)
        heard = container.add_stream(sound, rate=HZ)
        assert isinstance(picture, VideoStream)
        assert isinstance(heard, AudioStream)
        picture.width, picture.height, picture.pix_fmt = 160, 120, "yuv420p"
        heard.layout = "stereo"
        for number in range(4 * FPS):
            bright = 255 * (number >= FLASH_S * FPS)
            frame = av.VideoFrame.from_ndarray(np.full((120, 160, 3), bright, np.uint8))
            frame.pts, frame.time_base = number + first_s * FPS, Fraction(1, FPS)
            container.mux(picture.encode(frame))
            container.mux(heard.encode(_sound(number, first_s)))
        container.mux(picture.encode())
        container.mux(heard.encode())
    return path


def _sound(number: int, first_s: int) -> av.AudioFrame:
    size = HZ // FPS
    wave = np.sin(2 * np.pi * 440 * np.arange(size) / HZ) * 20_000 * (number >= FLASH_S * FPS)
    samples = np.repeat(wave.astype(np.int16), 2)[None]
    frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="stereo")
    frame.sample_rate, frame.time_base = HZ, Fraction(1, HZ)
    frame.pts = number * size + first_s * HZ
    return frame


def first_time(path: Path, kind: str, least: float) -> float:
    """Return when a picture is first bright, or a sound first loud."""
    with av.open(str(path)) as container:
        for frame in container.decode(**{kind: 0}):
            assert isinstance(frame, av.VideoFrame | av.AudioFrame)
            if np.abs(frame.to_ndarray()[:100]).max() > least:
                return float(frame.time or 0)
    raise AssertionError(f"no {kind} above {least}")


@pytest.mark.parametrize("first_s", [0, 30])
def test_a_film_is_made_that_browsers_play_with_its_sound_in_place(
    tmp_path: Path, first_s: int
) -> None:
    """A recording whose clock begins late, as that of a broadcast, keeps its sound in place."""
    film, made = write_film(tmp_path / "film.mkv", first_s=first_s), tmp_path / "made.mp4"
    assert not plays_in_browsers(film, DEFAULT_FILM)
    write_playable(film, made, DEFAULT_FILM)
    assert plays_in_browsers(made, DEFAULT_FILM)
    told = probe(made)
    assert (told.codec, told.width, told.height) == ("h264", 160, 120)
    assert told.duration_s == pytest.approx(4, abs=0.1)
    assert first_time(made, "video", 128) == pytest.approx(FLASH_S, abs=0.05)
    assert first_time(made, "audio", 0.2) == pytest.approx(FLASH_S, abs=0.1)
    content = made.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_large_and_turned_pictures_are_made_small_and_upright(tmp_path: Path) -> None:
    frames = np.zeros((4, 1080, 1920, 3), np.uint8)
    film = write_clip(tmp_path / "turned.mp4", frames, rotation=90)
    made = tmp_path / "made.mp4"
    write_playable(film, made, DEFAULT_FILM)
    assert (probe(made).width, probe(made).height) == (720, 1280)


@pytest.mark.parametrize(
    ("name", "codec", "plays"),
    [
        ("a.mp4", "libx264", True), ("a.mp4", "mpeg4", False), ("a.mkv", "libx264", False),
        ("a.webm", "libvpx", True), ("a.avi", "mpeg4", False),
    ],
)  # fmt: skip
def test_what_browsers_play_is_told_by_suffix_and_codec(
    tmp_path: Path, name: str, codec: str, plays: bool
) -> None:
    film = write_clip(tmp_path / name, np.zeros((3, 48, 64, 3), np.uint8), codec=codec)
    assert plays_in_browsers(film, DEFAULT_FILM) is plays


def test_what_is_no_film_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("text")
    with pytest.raises(UnreadableVideoError):
        write_playable(tmp_path / "a.mp4", tmp_path / "made.mp4", DEFAULT_FILM)


def test_a_damaged_first_picture_does_not_tell_the_size(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "a.webm", scenes(), codec="libvpx", gop=GOP)
    damaged, made = with_another_height(whole, tmp_path / "b.webm"), tmp_path / "made.mp4"
    write_playable(damaged, made, DEFAULT_FILM)
    assert (probe(made).width, probe(made).height) == (320, 176)
