"""Noise that begins or ends at a keyframe, and what is like it and is not."""

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.thumbnailer.clips import shared_video, write_clip
from tests.thumbnailer.video.test_damage import FPS, GOP, decoded, film
from thumbnailer.video.blocks import GOES_ON, HEIGHT, LEAST, WIDTH, Blocks, Gray
from thumbnailer.video.decoding_log import DecodingLog
from thumbnailer.video.keyframe import QUIET, Keyframe
from thumbnailer.video.measures import SPOTTED, Measurer
from thumbnailer.video.sampling import sample_video
from thumbnailer.video.seams import broken_s, spotted_s, tell_of_damage
from thumbnailer.video.ticks import TICKS_PER_S

NOTHING = np.zeros((9, 16), np.bool_)
ALL = ~NOTHING
TWO_OF_THREE = np.arange(NOTHING.size).reshape(NOTHING.shape) % 3 > 0


def part(first: int, last: int = 144, but: int = 0) -> Blocks:
    """Return a picture's blocks from one to another in the order of coding, with a few left out."""
    blocks = np.zeros(144, np.bool_)
    blocks[first:last] = True
    blocks[first : first + but * 7 : 7] = False
    return blocks.reshape(9, 16)


def spans(
    *seams: Blocks, quiet: float = LEAST, is_damaged: bool = False, telling: Blocks = ALL
) -> list[tuple[float, float]]:
    """Return what is broken, of keyframes 2 s apart, where other blocks change by so much."""
    keyframes = with_seams(*seams, quiet=quiet, telling=telling)
    return broken_s(keyframes, 2.0 * len(seams), is_damaged=is_damaged)


def with_seams(*seams: Blocks, quiet: float = LEAST, telling: Blocks = ALL) -> list[Keyframe]:
    changes = [np.where(seam, 2 * LEAST, quiet).astype(np.float32) for seam in seams]
    return [
        Keyframe(2.0 * n, 2.0 * n, seam, telling, change, change, change, NOTHING)
        for n, (seam, change) in enumerate(zip(seams, changes, strict=True))
    ]


def test_between_two_seams_of_one_part_the_film_is_broken() -> None:
    assert spans(NOTHING, NOTHING, part(96, but=2), part(90, but=3), NOTHING) == [(4, 6)]


def test_a_seam_of_a_tail_alone_may_end_what_is_broken_or_begin_it() -> None:
    assert spans(NOTHING, part(100), NOTHING, NOTHING) == [(0, 2), (2, 4)]


def test_one_seam_alone_does_not_make_a_film_damaged() -> None:
    """Its seconds are not chosen, but the others are not doubted for it."""
    assert not tell_of_damage(with_seams(NOTHING, NOTHING, NOTHING))
    assert not tell_of_damage(with_seams(NOTHING, part(100), NOTHING, NOTHING))
    assert tell_of_damage(with_seams(NOTHING, part(100), NOTHING, part(60), NOTHING)), "two alone"
    assert tell_of_damage(with_seams(NOTHING, part(96), part(96), NOTHING)), "a pair"


def test_a_part_less_whole_tells_only_where_the_rest_goes_on_as_it_was() -> None:
    seams = NOTHING, part(60) & TWO_OF_THREE, NOTHING
    assert spans(*seams, quiet=QUIET) == [(0, 2), (2, 4)]
    assert spans(*seams, quiet=QUIET + 1) == []


def test_a_part_anywhere_tells_where_it_jumps_twice_and_all_else_goes_on() -> None:
    middle = part(24, 64)
    assert spans(NOTHING, middle, middle, NOTHING, quiet=GOES_ON) == [(2, 4)]
    assert spans(NOTHING, middle, middle, NOTHING, quiet=GOES_ON + 1) == []
    assert spans(NOTHING, middle, part(50, 90), NOTHING, quiet=0) == []
    assert spans(NOTHING, part(40, 46), part(40, 46), NOTHING, quiet=0) == [], "a thing that moves"


def test_a_film_known_as_damaged_is_trusted_less() -> None:
    seams = NOTHING, NOTHING, part(60) & TWO_OF_THREE, NOTHING, NOTHING
    assert spans(*seams) == []
    assert spans(*seams, is_damaged=True) == [(2, 4), (4, 6)]


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
    change = 2 * LEAST * ALL.astype(np.float32)
    seams = enumerate([NOTHING, film, film])
    keyframes = [
        Keyframe(2.0 * n, 2.0 * n, seam, film, change, change, change, seam) for n, seam in seams
    ]
    assert broken_s(keyframes, 6.0, is_damaged=False) == []


def test_of_a_small_film_between_bars_only_a_plain_tail_tells() -> None:
    small = part(48, 96)
    some = part(56, 96) & TWO_OF_THREE
    assert spans(NOTHING, some, NOTHING, quiet=0, telling=small) == [], "a cut that keeps a sky"
    assert spans(NOTHING, some, some, NOTHING, quiet=0, telling=small) == []
    assert spans(NOTHING, part(72, 96), NOTHING, telling=small) == [(0, 2), (2, 4)]
    assert spans(NOTHING, some, NOTHING, telling=small, is_damaged=True) == [(0, 2), (2, 4)]


def test_what_moves_and_what_goes_on_moving_is_no_seam() -> None:
    rng = np.random.default_rng(0)
    still = rng.integers(0, 256, (HEIGHT, WIDTH)).astype(np.float32)
    moved = np.roll(still, 2, axis=1)
    other, noise = (rng.integers(0, 256, (HEIGHT, WIDTH)).astype(np.float32) for _ in range(2))
    moves = of(still, still, moved, np.roll(moved, 2, axis=1))
    assert not moves.seam[:, 1:-1].any()
    assert not moves.spots[:, 1:-1].any()
    cut = of(still, still, other, noise)
    assert not cut.seam.any(), "it goes on as it came"
    assert of(still, noise, still, still).seam.all()


def of(earlier: Gray, before: Gray, keyframe: Gray, behind: Gray) -> Keyframe:
    """Return what is known of a keyframe without colours."""
    colours = np.stack([before] * 3), np.stack([keyframe] * 3)
    return Keyframe.of(0.0, 0.0, (earlier, before, keyframe, behind), colours)


def in_colours(*levels: tuple[float, NDArray[np.float32]]) -> list[Keyframe]:
    """Return keyframes of one scene of little noise, in other colours at each.

    Args:
        levels: by how much a keyframe's brightness differs, and its (3, 1, 1) or (3, 36, 64)
            colours.
    """
    rng = np.random.default_rng(0)
    still = rng.integers(100, 130, (HEIGHT, WIDTH)).astype(np.float32)
    keyframes = []
    for number, (level, colours) in enumerate(levels):
        earlier, (last, before) = levels[max(0, number - 2)][0], levels[max(0, number - 1)]
        pictures = still + earlier, still + last, still + level, still + level
        shown = np.stack([still] * 3) + before, np.stack([still] * 3) + colours
        keyframes.append(Keyframe.of(number, number, pictures, shown))
    return keyframes


GRAY = 0.0, np.zeros((3, 1, 1), np.float32)
MAGENTA = 0.0, np.asarray([60, -40, 60], np.float32)[:, None, None]


def test_a_scene_that_goes_on_in_other_colours_is_broken() -> None:
    def broken(*levels: tuple[float, NDArray[np.float32]]) -> list[tuple[float, float]]:
        return broken_s(in_colours(*levels), len(levels), is_damaged=False)

    assert broken(GRAY, GRAY, GRAY, GRAY, GRAY) == []
    assert broken(GRAY, GRAY, MAGENTA, GRAY, GRAY) == [(2, 3)]
    assert broken(GRAY, GRAY, GRAY, MAGENTA, MAGENTA) == [(2, 3), (3, 4)]
    other_scene = 40.0, MAGENTA[1]
    assert broken(GRAY, GRAY, other_scene, GRAY, GRAY) == [(2, 3)], "by brightness, as before"
    assert broken(GRAY, GRAY, GRAY, other_scene, other_scene) == []


def test_a_spot_in_colour_alone_is_doubtful() -> None:
    """It is too small to be noise for sure."""
    spot = np.zeros((3, HEIGHT, WIDTH), np.float32)
    spot[:, 8:20, 8:20] = np.asarray([60, -40, 60], np.float32)[:, None, None]
    shown = in_colours(GRAY, GRAY, (0.0, spot), GRAY, GRAY)
    assert broken_s(shown, 5, is_damaged=True) == []
    assert doubtful(shown) == [(2, 3)]
    shown = in_colours(GRAY, GRAY, GRAY, (0.0, spot), (0.0, spot))
    assert doubtful(shown) == [(2, 3), (3, 4)]
    assert doubtful(in_colours(GRAY, GRAY, MAGENTA, GRAY)) == []


def doubtful(keyframes: list[Keyframe], *, is_damaged: bool = True) -> list[tuple[float, float]]:
    """Return what a spot may be in, of a film with a keyframe a second."""
    return spotted_s(keyframes, len(keyframes), is_damaged=is_damaged)


def test_of_a_film_that_seems_sound_a_spot_tells_that_comes_and_goes_with_keyframes() -> None:
    """Of all that a film may show hardly anything does so in one place; a cut, or light, does."""
    spot = np.zeros((3, HEIGHT, WIDTH), np.float32)
    spot[:, 32:, 56:] = np.asarray([60, -40, 60], np.float32)[:, None, None]
    comes, elsewhere = (0.0, spot), (0.0, np.roll(spot, 16, axis=2))
    assert doubtful(in_colours(GRAY, GRAY, comes, GRAY, GRAY), is_damaged=False) == [(2, 3)]
    assert doubtful(in_colours(GRAY, GRAY, GRAY, comes, comes), is_damaged=False) == []
    one_other = replace(in_colours(GRAY, elsewhere)[1], from_s=3, start_s=3)
    film = in_colours(GRAY, GRAY, comes, GRAY, GRAY)
    assert doubtful([*film[:3], one_other, film[4]], is_damaged=False) == []


def test_a_part_that_jumps_at_one_keyframe_is_doubtful_where_all_else_goes_on() -> None:
    """It need not reach the end of the picture, as with codecs that code large squares."""
    part = np.zeros((9, 16), bool)
    part[2:8, 3:9] = True
    wide = np.ones((9, 16), bool)
    wide[:2] = False

    def shown(jumps: Blocks, rest: float) -> list[Keyframe]:
        change = np.where(jumps, 2 * LEAST, rest).astype(np.float32)
        none = np.zeros_like(change)
        still = Keyframe(0, 0, NOTHING, ALL, none, none, none, NOTHING)
        spotted = Keyframe(2, 2, jumps, ALL, change, change, change, jumps)
        return [still, replace(still, from_s=1, start_s=1), spotted]

    assert doubtful(shown(part, GOES_ON)) == [(1, 2), (2, 3)]
    assert doubtful(shown(part, GOES_ON + 1)) == [], "all moves"
    assert doubtful(shown(wide, GOES_ON)) == [], "another scene"


def jumps_back(
    starts_s: list[float], *, part_of_it: Blocks = ALL, since: float = 0.0, is_damaged: bool = False
) -> list[tuple[float, float]]:
    """Return what is broken where a part jumps at the second keyframe, and back at the third."""
    keyframes = []
    for number, start_s in enumerate(starts_s):
        jumps = part_of_it if number in {1, 2} else NOTHING
        change = np.where(jumps, 2 * LEAST, 0.0).astype(np.float32)
        off = np.full_like(change, since)
        keyframes.append(Keyframe(start_s, start_s, NOTHING, ALL, change, off, change, NOTHING))
    return broken_s(keyframes, starts_s[-1] + 1, is_damaged=is_damaged)


def test_what_jumps_at_a_keyframe_and_back_at_the_next_is_broken() -> None:
    assert jumps_back([0, 1, 2, 3, 4]) == [(1, 2)]
    assert jumps_back([0, 1, 2, 3, 4], part_of_it=part(24, 64)) == [(1, 2)]
    assert jumps_back([0, 1, 2, 3, 4], part_of_it=part(24, 36)) == [], "a thing that moves"
    assert jumps_back([0, 1, 2, 3, 4], since=LEAST + 1) == [], "another scene"


def test_a_shot_between_two_others_of_one_scene_is_none() -> None:
    """Keyframes at cuts come at any time; those of damage where the film's others do."""
    cuts_s = [0, 1, 1.7, 4, 4.9]
    assert jumps_back(cuts_s) == []
    assert jumps_back(cuts_s, is_damaged=True) == [(1, 1.7)]


def test_a_spoilt_keyframe_of_h265_is_found_by_its_end(tmp_path: Path) -> None:
    """Its decoder says nothing, and MP4 has no checksums."""
    whole = write_clip(tmp_path / "whole.mp4", [film()[0]] * 4 * GOP, codec="libx265", gop=GOP)
    with av.open(str(whole)) as container:
        keyframes = [each for each in container.demux(video=0) if each.is_keyframe]
    assert keyframes[2].pos is not None
    content, log, healthy = bytearray(whole.read_bytes()), DecodingLog(), DecodingLog()
    content[keyframes[2].pos + keyframes[2].size * 3 // 10] ^= 1
    (tmp_path / "a.mp4").write_bytes(content)
    assert {errors for errors, _ in decoded(tmp_path / "a.mp4").values()} == {0}
    list(sample_video(tmp_path / "a.mp4", rgb_size=32, log=log))
    assert log.broken_s[0] == (2 * GOP / FPS, 3 * GOP / FPS)
    assert log.is_damaged
    list(sample_video(whole, rgb_size=32, log=healthy))
    assert healthy.broken_s == []


def test_of_a_film_cut_off_what_no_keyframe_follows_is_left_out(tmp_path: Path) -> None:
    """Noise there would have no end by which to be known."""
    clip = write_clip(tmp_path / "a.webm", [film()[0]] * 4 * GOP, codec="libvpx", gop=GOP)
    content, log = clip.read_bytes(), DecodingLog()
    clip.write_bytes(content[: len(content) - 400])
    *_, last = sample_video(clip, rgb_size=32, log=log)
    assert log.is_damaged
    [(from_s, to_s)] = log.doubtful_s
    assert from_s == 3 * GOP / FPS
    assert to_s == pytest.approx(last.end_tick / FPS)


def test_a_real_film_with_cuts_at_its_keyframes_has_none() -> None:
    log = DecodingLog()
    list(sample_video(shared_video("sintel_trailer_480p.mp4"), rgb_size=32, log=log))
    assert log.broken_s == []


def test_a_spot_from_keyframe_to_keyframe_makes_no_film_damaged(tmp_path: Path) -> None:
    """It may be a caption shown for as long: those seconds come last, no more."""
    pictures = [film()[0].copy() for _ in range(4 * GOP)]
    for picture in pictures[GOP : 2 * GOP]:
        picture[-16:, -16:] = 255 - picture[-16:, -16:]
    clip = write_clip(tmp_path / "a.mp4", pictures, gop=GOP)
    log, measurer = DecodingLog(), Measurer()
    for each in sample_video(clip, rgb_size=32, log=log):
        measurer.add(each)
    assert not log.is_damaged
    assert log.spotted_s == [(GOP / FPS, 2 * GOP / FPS)]
    errors = measurer.finish(log).errors
    spotted = slice(round(GOP / FPS * TICKS_PER_S), round(2 * GOP / FPS * TICKS_PER_S))
    assert set(errors[spotted]) == {SPOTTED}
    assert np.delete(errors, np.r_[spotted]).max() == 0
