"""Takes video files into the catalogue: the only writer of their rows and copies."""

import hashlib
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils.text import slugify

from experiments.audit import record_act
from experiments.errors import IntakeError
from experiments.models import Video

BLOCK_BYTES = 1024 * 1024
SUFFIXES = frozenset({
    ".3g2", ".3gp", ".apng", ".asf", ".avi", ".divx", ".dv", ".f4v", ".flv", ".gif", ".h264",
    ".h265", ".hevc", ".ivf", ".m1v", ".m2t", ".m2ts", ".m2v", ".m4v", ".mkv", ".mod", ".mov",
    ".mp4", ".mpe", ".mpeg", ".mpg", ".mts", ".mxf", ".nut", ".obu", ".ogm", ".ogv", ".qt", ".rm",
    ".rmvb", ".tod", ".ts", ".vob", ".webm", ".wmv", ".y4m",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Credit:
    """What is said of a film that comes in."""

    title: str
    licence: str
    source: str
    channel: str = ""
    published_at: datetime | None = None


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
    return _no_suffix(path)


def _no_suffix(path: Path) -> str:
    """Return why a name is no video's; what lies under it on this machine is not looked at."""
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
        IntakeError: where the file cannot be read or is still being written, or the storage does
            not take it.
    """
    with _named(path):
        digest = _sha256(path)
        if known := _known(digest):
            return known
        if settings.GROWING_FILMS and (grown := _grown(path)):
            return _replace(grown, path, digest)
        credit = credits_by_slug.get(path.stem) or Credit(title_of(path.name), "", str(path))
        return _add(path, str(path), digest, credit)


def accept(path: Path, name: str, credit: Credit, *, check: Callable[[Path], float]) -> Video:
    """Take a file in that a person brings, once it has been looked into.

    Args:
        path: where it lies.
        name: as the person knows it.
        credit: what is said of it.
        check: returns its length in seconds, and raises IntakeError where it is no video.

    Raises:
        IntakeError: where it is refused; where it is another video's film; as `take_in`.
    """
    with _named(path, name):
        digest = _sha256(path)
        if known := _known(digest):
            raise IntakeError(f"{name} is the film of “{known.title}” already ({known.slug})")
        return _add(path, name, digest, credit, duration_s=check(path))


def name_problem(name: str) -> str:
    """Return why a file of this name is not taken; "" where it may be."""
    if "\0" in name or name != name.encode(errors="replace").decode():
        return f"{name!r} is not taken: the name is no text of UTF-8"
    path = Path(name)
    return "" if path.suffix.lower() in SUFFIXES else f"{name} is not taken: {_no_suffix(path)}"


def title_of(name: str) -> str:
    """Return the title of a video that came under this name and no other."""
    return Path(name).stem.replace("_", " ")


def stored_name(digest: str, name: str) -> str:
    """Return a film's name in the storage, from its SHA-256 and the name that it came by."""
    return f"{digest[:20]}{Path(name).suffix.lower()}"


@contextmanager
def _named(path: Path, name: str = "") -> Iterator[None]:
    """Turn what goes wrong with the file or the storage into a sentence.

    Raises:
        IntakeError: which names the file.
    """
    try:
        yield
    except OSError as error:
        raise IntakeError(
            f"{name or path} could not be taken in ({error.strerror or error}): check its rights, "
            "and the room where videos are kept"
        ) from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _known(digest: str) -> Video | None:
    return Video.objects.filter(content_sha256=digest).first()


def _grown(path: Path) -> Video | None:
    """Return the video of this name whose film is the beginning of the file."""
    for video in Video.objects.filter(original_name=str(path)[-300:]).exclude(file=""):
        before = hashlib.sha256()
        with path.open("rb") as file:
            left = video.file.size
            while left > 0 and (block := file.read(min(left, BLOCK_BYTES))):
                before.update(block)
                left -= len(block)
        if not left and before.hexdigest() == video.content_sha256:
            return video
    return None


def _replace(video: Video, path: Path, digest: str) -> Video:
    """Give the video its longer film, and let its thumbnails be made again."""
    old = video.file.name
    video.content_sha256, video.duration_s, video.playable = digest, None, None
    video.state, video.attempts, video.retry_at = Video.State.WAITING, 0, None
    video.error_code = video.error_message = ""
    video.thumbnails.update(
        selection=""
    )  # or each selector's choice of the shorter film would stay
    _store(video, path, str(path), act="take a longer film")
    if old and old != video.file.name:
        video.file.storage.delete(old)
    return video


def _store(video: Video, path: Path, name: str, *, act: str) -> None:
    """Copy the film and save the row, but not of a file that was written to since it was read.

    Args:
        video: its row.
        path: where the film lies.
        name: as people know it.
        act: what the audit log calls it.

    Raises:
        IntakeError: where it is still being written.
    """
    with path.open("rb") as file:
        video.file.save(stored_name(video.content_sha256, name), File(file), save=False)
    if _sha256(path) != video.content_sha256:
        video.file.delete(save=False)
        raise IntakeError(f"{name} is still being written: import it again later")
    with transaction.atomic():
        video.save()
        record_act("video", video.slug, act, after={"title": video.title, "file": name})


def _add(
    path: Path, name: str, digest: str, credit: Credit, duration_s: float | None = None
) -> Video:
    slug = slugify(Path(name).stem) or digest[:12]
    if Video.objects.filter(slug=slug).exists():
        slug = f"{slug[:87]}-{digest[:12]}"
    video = Video(slug=slug[:100], title=credit.title[:200], licence=credit.licence[:100])
    video.channel, video.published_at = credit.channel[:100], credit.published_at
    video.source, video.content_sha256 = credit.source[:300], digest
    video.original_name, video.duration_s = name[-300:], duration_s
    video.state = Video.State.WAITING
    _store(video, path, name, act="take in")
    return video
