"""Noise that begins or ends at a keyframe, and what is like it and is not."""

from pathlib import Path

import av
import numpy as np
import pytest

from tests.thumbnailer.clips import shared_video, write_clip
from tests.thumbnailer.video.test_damage import FPS, GOP, decoded, film
from thumbnailer.video.sampling import DecodingLog, sample_video
from thumbnailer.video.seams import HEIGHT, WIDTH, Blocks, Keyframe, broken_s, seam_between

NOTHING = np.zeros((9, 16), np.bool_)
ALL = ~NOTHING


def part(first: int, last: int = 144, but: int = 0) -> Blocks:
    """Return a picture's blocks from one to another in the order of coding, with a few left out."""
    blocks = np.zeros(144, np.bool_)
    blocks[first:last] = True
    blocks[first : first + but * 7 : 7] = False
    return blocks.reshape(9, 16)


def spans(*seams: Blocks) -> list[tuple[float, float]]:
    """Return what is broken, of keyframes 2 s apart."""
    keyframes = [Keyframe(2.0 * number, seam, ALL) for number, seam in enumerate(seams)]
    return broken_s(keyframes, 2.0 * len(seams))


def test_between_two_seams_of_one_part_the_film_is_broken() -> None:
    assert spans(NOTHING, NOTHING, part(96, but=2), part(90, but=3), NOTHING) == [(4, 6)]


def test_a_seam_of_a_tail_alone_may_end_what_is_broken_or_begin_it() -> None:
    assert spans(NOTHING, part(100), NOTHING, NOTHING) == [(0, 2), (2, 4)]


@pytest.mark.parametrize(
    "seam",
    [
        *(NOTHING, part(0), part(20), part(60, 90), part(0, 60), part(142), part(30, but=16)),
        part(0, but=16) & (np.arange(16) % 2 == 0),
    ],
    ids=["none", "cut", "most", "middle", "top", "little", "scattered", "everywhere a little"],
)
def test_what_else_jumps_at_a_keyframe_is_film(seam: Blocks) -> None:
    assert spans(NOTHING, seam, NOTHING) == []


def test_other_parts_at_two_keyframes_are_film() -> None:
    assert spans(NOTHING, part(16, 64), part(70, 110), NOTHING) == []


def test_cuts_between_bars_and_below_a_plain_sky_are_cuts() -> None:
    """All that has detail jumps: rows above and below have none."""
    film = part(48, 112)
    keyframes = [Keyframe(2.0 * n, seam, film) for n, seam in enumerate([NOTHING, film, film])]
    assert broken_s(keyframes, 6.0) == []


def test_what_moves_and_what_goes_on_moving_is_no_seam() -> None:
    rng = np.random.default_rng(0)
    still = rng.integers(0, 256, (HEIGHT, WIDTH)).astype(np.float32)
    moved = np.roll(still, 2, axis=1)
    other, noise = (rng.integers(0, 256, (HEIGHT, WIDTH)).astype(np.float32) for _ in range(2))
    assert not seam_between(still, moved, np.roll(moved, 2, axis=1))[:, 1:-1].any()
    assert not seam_between(still, other, noise).any(), "it goes on as it came"
    assert seam_between(noise, still, still).all()


def test_a_spoilt_keyframe_of_vp8_is_found_by_its_end(tmp_path: Path) -> None:
    """Its decoder says nothing, and WebM has no checksums."""
    whole = write_clip(tmp_path / "whole.webm", [film()[0]] * 4 * GOP, codec="libvpx", gop=GOP)
    with av.open(str(whole)) as container:
        [at] = [
            packet.pos + packet.size * 4 // 5
            for number, packet in enumerate(container.demux(video=0))
            if packet.pos is not None and number == 2 * GOP
        ]
    content, log, healthy = bytearray(whole.read_bytes()), DecodingLog(), DecodingLog()
    content[at] ^= 1
    (tmp_path / "a.webm").write_bytes(content)
    assert {errors for errors, _ in decoded(tmp_path / "a.webm").values()} == {0}
    list(sample_video(tmp_path / "a.webm", rgb_size=32, log=log))
    assert log.broken_s == [(2 * GOP / FPS, 3 * GOP / FPS)]
    list(sample_video(whole, rgb_size=32, log=healthy))
    assert healthy.broken_s == []


def test_a_real_film_with_cuts_at_its_keyframes_has_none() -> None:
    log = DecodingLog()
    list(sample_video(shared_video("sintel_trailer_480p.mp4"), rgb_size=32, log=log))
    assert log.broken_s == []
