"""Films of which packets have changed, though neither decoder nor checksum tells of it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import av
import numpy as np
import pytest

from tests.thumbnailer.clips import write_clip
from tests.thumbnailer.video.test_damage import COUNT, FPS, GOP, decoded, film
from tests.thumbnailer.video.test_h265 import film as h265_film
from thumbnailer.video.cut import cut_frames
from thumbnailer.video.decoding_log import DecodingLog
from thumbnailer.video.framing import Framing
from thumbnailer.video.sampling import sample_video

KINDS: dict[str, Callable[[Path], Path]] = {
    "a.webm": lambda path: write_clip(path, film(), codec="libvpx", gop=GOP),
    "a.mp4": lambda path: h265_film(path, f"keyint={GOP}:bframes=0:open-gop=0", count=COUNT),
    "a.mkv": lambda path: write_clip(path, film(), codec="libx264", gop=GOP),
}
AT = {"a.webm": 0.3, "a.mp4": 0.3, "a.mkv": 0.95}  # where a bit changes of which nothing tells
Change = Callable[[bytes], bytes]


def one_bit(content: bytes, at: float) -> bytes:
    place = int(len(content) * at)
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def changed(tmp_path: Path, name: str, numbers: set[int], change: Change | None = None) -> Path:
    """Change these packets of a film, by default one bit of each."""
    (tmp_path / "whole").mkdir()
    whole, target = KINDS[name](tmp_path / "whole" / name), tmp_path / name
    change = change or partial(one_bit, at=AT[name])
    with av.open(str(whole)) as old, av.open(str(target), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for number, packet in enumerate(old.demux(video=0)):
            if packet.size:
                content = bytes(packet)
                copy = av.Packet(change(content) if number in numbers else content)
                copy.pts, copy.dts, copy.time_base = packet.pts, packet.dts, packet.time_base
                copy.is_keyframe, copy.stream = packet.is_keyframe, stream
                new.mux(copy)
    return target


def log_of(path: Path) -> DecodingLog:
    log = DecodingLog()
    list(sample_video(path, rgb_size=32, log=log))
    return log


def shown(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return what is cut out of the second from the second keyframe on."""
    times_s = [number / FPS for number in range(GOP, GOP + 12)]
    [frames] = cut_frames(path, [times_s], Framing((160, 120)))
    return np.stack(frames).astype(np.float64)


@pytest.mark.parametrize("name", KINDS)
def test_what_is_built_on_a_changed_keyframe_is_broken(tmp_path: Path, name: str) -> None:
    clip = changed(tmp_path, name, {GOP})
    found, there = decoded(clip), decoded(tmp_path / "whole" / name)
    assert not any(errors for errors, _ in found.values()), "nothing tells of it"
    off = [np.abs(found[number][1] - there[number][1]).max() > 5 for number in there]
    assert off[GOP : 2 * GOP] == [True] * GOP
    log = log_of(clip)
    assert log.is_damaged
    assert any(start <= GOP / FPS and end >= 2 * GOP / FPS for start, end in log.broken_s)


@pytest.mark.parametrize("name", KINDS)
def test_the_first_keyframe_is_judged_like_any(tmp_path: Path, name: str) -> None:
    assert (0, GOP / FPS) in log_of(changed(tmp_path, name, {0})).broken_s


@pytest.mark.parametrize("name", KINDS)
def test_a_whole_film_is_not_broken(tmp_path: Path, name: str) -> None:
    log = log_of(changed(tmp_path, name, set()))
    assert log.broken_s == []
    assert not log.is_damaged


def test_a_film_whose_packets_all_end_so_is_not_judged(tmp_path: Path) -> None:
    """Another coder may end them in its own way: its films are not refused."""
    clip = changed(tmp_path, "a.webm", set(range(COUNT)), lambda content: content + b"\1" * 40)
    log = log_of(clip)
    assert not log.broken_s
    assert not log.is_damaged


@pytest.mark.parametrize("name", KINDS)
def test_what_changed_between_keyframes_is_not_shown(tmp_path: Path, name: str) -> None:
    """The last sound picture stands still in its place."""
    clip = changed(tmp_path, name, {GOP + 3})
    found = shown(clip)
    there = shown(tmp_path / "whole" / name)
    np.testing.assert_array_equal(found[:3], there[:3])
    np.testing.assert_array_equal(found[3:], np.broadcast_to(there[2], found[3:].shape))
