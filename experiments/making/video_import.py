"""Takes video files into the catalogue: the only writer of their rows and copies."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.core.files import File
from django.utils.text import slugify

from experiments.errors import IntakeError
from experiments.models import Video

SUFFIXES = frozenset({
    ".3g2", ".3gp", ".asf", ".avi", ".dv", ".f4v", ".flv", ".gif", ".h264", ".h265", ".hevc",
    ".ivf", ".m2ts", ".m2v", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf",
    ".obu", ".ogm", ".ogv", ".rm", ".ts", ".vob", ".webm", ".wmv",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Credit:
    """What a manifest says of a clip."""

    title: str
    licence: str
    source: str


def video_files(folder: Path) -> list[Path]:
    """Return the folder's video files by name, told by their suffixes.

    Raises:
        IntakeError: where the folder is not there or holds none.
    """
    if not folder.is_dir():
        raise IntakeError(f"{folder} is not a folder: name one that holds video files")
    files = sorted(path for path in folder.iterdir() if _is_video(path))
    if not files:
        raise IntakeError(f"{folder} holds no video file ({' '.join(sorted(SUFFIXES))})")
    return files


def left_out(folder: Path) -> list[str]:
    """Return what else lies in the folder, by name, and why; hidden files are not told."""
    others = sorted(path for path in folder.iterdir() if not _is_video(path))
    return [f"{path.name} ({_reason(path)})" for path in others if not path.name.startswith(".")]


def _is_video(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.is_dir()


def _reason(path: Path) -> str:
    if path.is_dir():
        return "a folder: import it by itself"
    if not path.suffix:
        return "its name has no suffix that says that it is a video"
    return f"{path.suffix} is no video's suffix"


def read_credits(manifest: Path) -> dict[str, Credit]:
    """Read what a manifest says of each clip, by the stem of its file's name."""
    with manifest.open("rb") as file:
        clips = tomllib.load(file)["clip"]
    return {clip["slug"]: Credit(clip["title"], clip["licence"], _source(clip)) for clip in clips}


def _source(clip: Mapping[str, str]) -> str:
    return f"{clip['attribution']}; from {clip['package']} {clip['version']}"


def take_in(path: Path, credits_by_slug: Mapping[str, Credit]) -> Video:
    """Copy the file into the storage and return its row; a known file returns its old row.

    Raises:
        IntakeError: where the file cannot be read or the storage does not take it.
    """
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        known = Video.objects.filter(content_sha256=digest).first()
        return known or _add(path, digest, credits_by_slug.get(path.stem))
    except OSError as error:
        raise IntakeError(
            f"{path} could not be taken in ({error.strerror or error}): check its rights, and the "
            "room where videos are kept"
        ) from error


def give_file(video: Video, brought: "File[bytes]") -> None:
    """Give a catalogue's entry the film that a person brought; the caller saves the row.

    Its name in the storage follows from its content, so that no film replaces another's.

    Raises:
        IntakeError: where its name is no video's, or another video has the same film.
    """
    name = Path(brought.name or "")
    if name.suffix.lower() not in SUFFIXES:
        raise IntakeError(f"{name} is not taken: {_reason(name)}")
    digest = hashlib.file_digest(brought, "sha256").hexdigest()
    brought.seek(0)
    known = Video.objects.filter(content_sha256=digest).exclude(pk=video.pk).first()
    if known is not None:
        raise IntakeError(f"{name} is the film of {known.slug} already: one film is one video")
    brought.name = stored_name(digest, name)
    video.content_sha256, video.original_name = digest, str(name)[-300:]
    video.state = Video.State.WAITING


def stored_name(digest: str, path: Path) -> str:
    """Return a film's name in the storage, from its SHA-256 and the name that it came by."""
    return f"{digest[:20]}{path.suffix.lower()}"


def _add(path: Path, digest: str, credit: Credit | None) -> Video:
    slug = slugify(path.stem) or digest[:12]
    if Video.objects.filter(slug=slug).exists():
        slug = f"{slug[:87]}-{digest[:12]}"
    credit = credit or Credit(path.stem.replace("_", " "), "", str(path))
    video = Video(slug=slug[:100], title=credit.title[:200], licence=credit.licence[:100])
    video.source, video.content_sha256 = credit.source[:300], digest
    video.original_name = str(path)[-300:]
    video.state = Video.State.WAITING
    with path.open("rb") as file:
        video.file.save(stored_name(digest, path), File(file), save=False)
    video.save()
    return video
