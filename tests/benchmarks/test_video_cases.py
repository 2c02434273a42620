"""The files that other tools' users met trouble with, each taken the whole way.

``shared/cases/videos/make_videos.sh`` makes them; ``shared/cases/README.md`` says what each must
come to.
"""

import shutil
import subprocess
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.conftest import SHARED
from tests.thumbnailer.test_nothing_poor import Noise, assert_nothing_poor_without_need
from thumbnailer.choose import choose
from thumbnailer.encode.cutting import Moments, cut_shots
from thumbnailer.encode.renditions import shot_times_s
from thumbnailer.encode.settings import DEFAULT
from thumbnailer.encode.still import MARGIN_FRAMES, best_frame
from thumbnailer.errors import DamagedVideoError
from thumbnailer.features.analysis import analyse
from thumbnailer.registry import SELECTORS
from thumbnailer.video.cut import cut_frames
from thumbnailer.video.probe import probe

pytestmark = pytest.mark.benchmark

SCRIPT = SHARED / "cases/videos/make_videos.sh"
BOX = (180, 320, 3)
RED = (255, 30, 30)
PILLARBOX = "scale=202:360,pad=640:360:(ow-iw)/2:0:black"
# V1 of the script, whose colours differ in every run, for ffmpeg's gradients heed no seed; some of
# its films are flat throughout.
DIM = "gradients=s=202x360:r=10:d=20:speed=0.02:c0=0x30c080:c1=0xa04020:x0=20:y0=30:x1=180:y1=320"
DIM_AND_BLACK = "eq=brightness=-0.2,drawbox=c=black:t=fill:enable='between(t,8,13)'"
SAME = "scale=320:180,setsar=1,fps=25,format=yuv420p,settb=AVTB,setpts=PTS-STARTPTS"
DISSOLVE = (
    f"[0:v]{SAME},trim=20:27,setpts=PTS-STARTPTS[a];[1:v]{SAME}[b];"
    "[a][b]xfade=duration=0.4:offset=6.3"
)

Frame = NDArray[np.int64]


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not SCRIPT.is_file() or not all(map(shutil.which, ("ffmpeg", "mkvmerge", "python3"))):
        pytest.skip("shared/cases/videos, ffmpeg or mkvmerge is not at hand")
    folder = tmp_path_factory.mktemp("cases")
    subprocess.run(["bash", str(SCRIPT), str(folder)], check=True, stdin=subprocess.DEVNULL)
    return folder


def made(*arguments: str | Path | int) -> None:
    """Let the ffmpeg program make a silent film of real ones."""
    encode = ["-an", "-c:v", "libx264", "-preset", "veryfast", "-threads", "1"]
    *before, target = map(str, arguments)
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *before, *encode, target]
    subprocess.run(command, check=True)


def frame_at(path: Path, time_s: float) -> Frame:
    [[frame]] = cut_frames(path, [[time_s]])
    return frame.astype(int)


def apart(path: Path, other: Path, time_s: float) -> float:
    """Return by how many levels of 255 two films differ at a moment, on average."""
    return float(np.abs(frame_at(path, time_s) - frame_at(other, time_s)).mean())


@pytest.mark.parametrize("bars", ["", ",pad=640:360:(ow-iw)/2:0:black"], ids=["plain", "bars"])
def test_no_black_picture_of_a_dim_film(tmp_path: Path, bars: str) -> None:
    clip = tmp_path / "a.mp4"
    made("-f", "lavfi", "-i", DIM, "-vf", DIM_AND_BLACK + bars, "-pix_fmt", "yuv420p", clip)
    assert_nothing_poor_without_need(clip, analyse(clip, Noise()))


def test_no_black_picture_of_a_real_film_between_bars(shared_videos: Path, tmp_path: Path) -> None:
    """A trailer that fades to black between its shots, as a portrait film in a wide one."""
    clip = tmp_path / "a.mp4"
    made("-i", shared_videos / "sintel_trailer_480p.mp4", "-vf", PILLARBOX, clip)
    assert_nothing_poor_without_need(clip, analyse(clip, Noise()))


def test_a_film_of_which_too_little_is_whole_is_refused(cases: Path) -> None:
    """It has two keyframes, and damage soon behind both: 2.7 of its 16 seconds are sound."""
    with pytest.raises(DamagedVideoError, match=r"only \d full seconds of it are surely whole"):
        analyse(cases / "v2_damaged.mp4", Noise())


@pytest.mark.parametrize("seed", range(4))
def test_no_damaged_picture_is_shown(cases: Path, tmp_path: Path, seed: int) -> None:
    """Each frame is one of the same film whole, with a keyframe a second."""
    fps = 25
    made("-i", cases / "v2_whole.mp4", "-g", fps, tmp_path / "whole.mp4")
    [whole] = cut_frames(tmp_path / "whole.mp4", [[n / fps for n in range(16 * fps)]])
    content = np.frombuffer((tmp_path / "whole.mp4").read_bytes(), np.uint8).copy()
    rng = np.random.default_rng(seed)
    for place in rng.integers(len(content) // 8, len(content) * 7 // 8, 6):
        content[place : place + 40] = rng.integers(0, 256, 40)
    (clip := tmp_path / "a.mp4").write_bytes(content.tobytes())
    video = analyse(clip, Noise())
    assert "the file is damaged" in choose(video, "raw").note
    starts_s = {start_s for name in SELECTORS for start_s in choose(video, name).starts_s}
    for time_s in (start_s + part for start_s in starts_s for part in (0.1, 0.5, 0.9)):
        shown = frame_at(clip, time_s)
        assert min(float(np.abs(frame - shown).mean()) for frame in whole) < 1, time_s


@pytest.mark.parametrize("name", ["v3_pq.mp4", "v3_hlg.mp4"])
def test_hdr_is_near_the_same_bars_in_sdr(cases: Path, name: str) -> None:
    assert apart(cases / name, cases / "v3_sdr.mp4", 1.0) < 10


def test_mirrors_and_flips(cases: Path) -> None:
    plain = frame_at(cases / "v4_plain.mp4", 2.0)
    wanted = {"mirrored": plain[:, ::-1], "upside_down": plain[::-1]}
    for name, frame in wanted.items():
        assert np.abs(frame_at(cases / f"v4_{name}.mp4", 2.0) - frame).mean() < 3, name
    turned = frame_at(cases / "v4_turned_mirrored.mp4", 2.0)
    height, width, _ = turned.shape
    assert height > width
    coarse = plain.transpose(1, 0, 2)[:: 320 // height][:height]
    rows = np.linspace(0, 319, height).round().astype(int)
    columns = np.linspace(0, 179, width).round().astype(int)
    assert coarse.shape[1] == 180
    assert np.abs(turned - plain.transpose(1, 0, 2)[rows][:, columns]).mean() < 12


def test_a_still_is_not_taken_from_a_dissolve(cases: Path) -> None:
    assert not 6.3 <= still_s(cases / "v5_dissolve.mp4") <= 6.7


def test_a_still_is_not_taken_from_a_dissolve_of_real_films(
    shared_videos: Path, tmp_path: Path
) -> None:
    films = ("big_buck_bunny_60s.mp4", "mdn_toys_concat_50s.mp4")
    inputs = [each for name in films for each in ("-i", shared_videos / name)]
    made(*inputs, "-filter_complex", DISSOLVE, "-t", "14", tmp_path / "a.mp4")
    assert not 6.3 <= still_s(tmp_path / "a.mp4") <= 6.7


def still_s(path: Path) -> float:
    """Return the moment of the still of a GIF whose first shot ends in a dissolve."""
    starts_s, times_s, step_s = (6.0, 3.0, 9.0), shot_times_s(1.0), DEFAULT.frame_ms / 1000
    margin_s = [step_s * number for number in range(1, MARGIN_FRAMES + 1)]
    around_s = [*(-each for each in margin_s[::-1]), *times_s]
    around_s += [times_s[-1] + each for each in margin_s]
    runs = [[start_s + time_s for time_s in around_s] for start_s in starts_s]
    with cut_shots(path, [Moments(runs, MARGIN_FRAMES)], DEFAULT) as cut:
        shot, frame = best_frame(cut.of(0).frames)
    return starts_s[shot] + times_s[frame]


def test_hd_that_does_not_tell_its_colours(cases: Path) -> None:
    """ITU-R BT.709 by its own coefficients; BT.601 would be off by up to 40 levels."""
    clip = cases / "v6_untagged_720p.mp4"
    with av.open(str(clip)) as container:
        coded = next(container.decode(video=0)).to_ndarray(format="yuv444p").astype(float)
    for row, column in ((40, 60), (40, 90), (40, 125), (40, 160), (40, 190)):
        luma, blue, red = coded[:, 4 * row, 4 * column]
        light = (luma - 16) / 219
        blue, red = (blue - 128) / 224 * 1.8556, (red - 128) / 224 * 1.5748
        green = -(0.2126 * red + 0.0722 * blue) / 0.7152
        wanted = np.clip(255 * (light + np.asarray([red, green, blue])), 0, 255)
        assert np.abs(frame_at(clip, 0.0)[row, column] - wanted).max() < 4


def test_alpha_is_set_on_white(cases: Path) -> None:
    frame = frame_at(cases / "v7_disc_alpha.mov", 1.0)
    assert np.abs(frame[5, 5] - 255).max() <= 3
    is_red = np.abs(frame - RED).max(axis=2) < 60
    assert 0.1 < is_red.mean() < 0.3


@pytest.mark.parametrize("name", ["v8_clock_jumps.ts", "v8_clock_repeats.ts"])
def test_a_joined_film_is_seen_whole(cases: Path, name: str) -> None:
    assert probe(cases / name).duration_s == pytest.approx(24, abs=0.2)
    video = analyse(cases / name, Noise())
    assert len(video.features) in {23, 24}
    assert 0 < np.count_nonzero(video.frames.errors) <= 4, "a joint is no damage"
    assert apart(cases / name, cases / "v4_plain.mp4", 3.0) < 1
    late = np.abs(frame_at(cases / name, 15.0) - frame_at(cases / "v4_plain.mp4", 3.0)).mean()
    assert late < 12, "the same film again, by a frame more or less"


def test_the_default_track_is_shown(cases: Path) -> None:
    frame = frame_at(cases / "v9_two_tracks.mkv", 1.0)
    assert frame.std() > 40, "the other is plain blue"


def test_a_size_that_changes_keeps_its_shape(cases: Path) -> None:
    early, late = (frame_at(cases / "v10_size_changes.ts", time_s) for time_s in (2.0, 9.0))
    assert early.shape == late.shape == BOX
    sides = np.concatenate([late[:, :80], late[:, -80:]], axis=1)
    assert sides.max() < 30, "black beside the picture of 480 x 640, which is 135 wide here"
    assert late[:, 100:220].std() > 40


def test_hidden_edges_are_cut_away(cases: Path) -> None:
    assert frame_at(cases / "v11_cropped.mkv", 1.0).shape == (120, 320, 3)
