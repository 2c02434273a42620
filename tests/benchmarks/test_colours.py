"""Colours beside those of Chromium's own <video>, and HDR beside FFmpeg's tone mapping."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests import chromium
from tests.benchmarks.made_videos import needs_ffmpeg
from tests.thumbnailer.video.test_scale import (
    FILES,
    HD,
    SD,
    UNTAGGED,
    WHOLE_601,
    WHOLE_709,
    write_bars,
)
from thumbnailer.video.cut import HALF_TICK_S, cut_frames
from thumbnailer.video.framing import Framing
from thumbnailer.video.probe import probe

pytestmark = [pytest.mark.benchmark, needs_ffmpeg]

# A browser counts from 0, not from the first frame, and may show the frame beside.
NEARBY_S = [number / 60 for number in range(-15, 16)]
MORE_BARS = {
    "sd.av1.mp4": ("libsvtav1", SD, "ITU601", UNTAGGED),
    "hd.av1.mp4": ("libsvtav1", HD, "ITU601", UNTAGGED),
    "hd_709.av1.mp4": ("libsvtav1", HD, "ITU709", WHOLE_709),
    "sd.vp9.webm": ("libvpx-vp9", SD, "ITU601", UNTAGGED),
    "hd_709.vp9.webm": ("libvpx-vp9", HD, "ITU709", WHOLE_709),
    "sd_601.mkv": ("libx264", SD, "ITU601", WHOLE_601),
    "sd_pal.mp4": ("libx264", SD, "ITU601", (5, 5, 6)),
    "hd_p3.mp4": ("libx264", HD, "ITU709", (1, 12, 13)),
    "hd_transfer_alone.mp4": ("libx264", HD, "ITU709", (2, 2, 1)),
}
LINEAR = (
    "format=gbrp,setparams=color_primaries=bt709:color_trc=bt709:colorspace=gbr:range=pc,"
    "zscale=t=linear:npl={white},format=gbrpf32le"
)
SDR = "zscale=t=bt709:m=bt709:r=pc,format=rgb24"


@chromium.needed
def test_sdr_beside_a_browser(shared_videos: Path, tmp_path: Path) -> None:
    clips = {path.name: path for path in sorted(shared_videos.iterdir())}
    made = {name: write_bars(tmp_path / name, *FILES[name][:4]) for name in FILES}
    made |= {name: write_bars(tmp_path / name, *MORE_BARS[name]) for name in MORE_BARS}
    errors = {}
    for films, time_s in ((clips, 5.05), (made, 0.55)):
        for name, theirs in chromium.frames(films, time_s, tmp_path).items():
            errors[name] = _apart(films[name], time_s, theirs)
            print(f"\n{name:34} {errors[name]:5.2f}", end="")
    print(f"\nnot played by Chromium: {', '.join((clips | made).keys() - errors.keys())}")
    assert len(errors) > 20
    assert max(errors.values()) < 3


def _apart(film: Path, time_s: float, theirs: NDArray[np.uint8]) -> float:
    """Return the mean difference of levels from the likest of our frames about that time."""
    start_s = time_s - HALF_TICK_S
    height, width, _ = theirs.shape
    [ours] = cut_frames(film, [[start_s + each for each in NEARBY_S]], Framing((width, height)))
    pictures = [Image.fromarray(frame).resize((width, height)) for frame in ours]  # of odd sides
    return min(float(np.abs(np.asarray(each, np.int16) - theirs).mean()) for each in pictures)


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
@pytest.mark.parametrize("content", ["bars", "clip"])
def test_hdr_beside_a_reference(
    shared_videos: Path, tmp_path: Path, content: str, transfer: str
) -> None:
    source = {
        "bars": ["-f", "lavfi", "-i", "smptehdbars=s=640x360:r=25:d=1"],
        "clip": ["-ss", "5", "-t", "1", "-i", str(shared_videos / "tears_of_steel_17s.webm")],
    }[content]
    film = tmp_path / "film.mp4"
    _ffmpeg(*source, "-vf", _graded(transfer), "-an", "-c:v", "libx265", *_tags(transfer), film)
    width, height = probe(film).width, probe(film).height
    [[ours]] = cut_frames(film, [[0.5 - HALF_TICK_S]], Framing((width, height)))
    tone = f"zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,tonemap=mobius:desat=0,{SDR}"
    raw = tmp_path / "reference.rgb"
    _ffmpeg("-ss", "0.5", "-i", film, "-frames:v", "1", "-vf", tone, "-f", "rawvideo", raw)
    reference = np.frombuffer(raw.read_bytes(), np.uint8).reshape(height, width, 3)
    apart = float(np.abs(ours.astype(np.int16) - reference).mean())
    print(f"\n{content} in {transfer}: {apart:.1f} from FFmpeg's zscale and tonemap=mobius")
    assert apart < 8


def _graded(transfer: str) -> str:
    """Return the filters that make HDR of SDR, white at the reference's 203 cd/m²."""
    coded = f"zscale=p=2020:t={transfer}:m=2020_ncl:r=tv:npl=203,format=yuv420p10le"
    return f"{LINEAR.format(white=203)},{coded}"


def _tags(transfer: str) -> list[str]:
    told = f"colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc:range=limited"
    coded = ["-x265-params", f"log-level=error:crf=8:{told}", "-tag:v", "hvc1"]
    space = ["-color_primaries", "bt2020", "-color_trc", transfer, "-colorspace", "bt2020nc"]
    return [*coded, *space]


def _ffmpeg(*words: str | Path) -> None:
    command = ["ffmpeg", "-nostdin", "-y", "-v", "error", "-threads", "1", *map(str, words)]
    subprocess.run(command, check=True)
