"""Work that one machine leaves for another: uploads, frames that wait for their features, features.

Each lies in a folder, which all machines share. Where files are in a bucket they need not: what
one of them leaves is sent to the bucket, and brought from there to where it is wanted.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.utils import timezone

FEATURES, SPOOLS, UPLOADS = "work/features", "work/spools", "work/uploads"
WHOLE = "whole"  # the last object of a spool: without it, it was not sent to its end


def is_in_bucket() -> bool:
    """Tell whether files are in a bucket, which every machine reaches."""
    try:
        default_storage.path("")
    except NotImplementedError:  # how a storage says that it has no folder
        return True
    return False


@contextmanager
def shared_features(name: str) -> Iterator[None]:
    """Bring a video's features here, where any machine has left them; leave what is new of them.

    Raises:
        OSError: where the bucket does not answer, or there is no room.
    """
    here, there = Path(settings.FEATURES_ROOT) / name, f"{FEATURES}/{name}"
    is_there = default_storage.exists(there)
    if is_there and not here.exists():
        _bring(there, here)
    before = here.stat().st_mtime_ns if is_there else None
    yield
    if here.exists() and here.stat().st_mtime_ns != before:
        _send(here, there)


def is_sent(name: str) -> bool:
    """Tell whether a video's frames are in the bucket, if there is one."""
    return is_in_bucket() and default_storage.exists(f"{SPOOLS}/{name}/{WHOLE}")


def send_spool(name: str) -> None:
    """Move a video's frames from this machine's folder to the bucket, if there is one.

    Raises:
        OSError: where the bucket does not take them; they stay here, to be sent again.
    """
    if not is_in_bucket() or is_sent(name):
        return
    spool = Path(settings.SPOOL_ROOT) / name
    for file in spool.iterdir():
        _send(file, f"{SPOOLS}/{name}/{file.name}")
    (spool / WHOLE).touch()
    _send(spool / WHOLE, f"{SPOOLS}/{name}/{WHOLE}")
    shutil.rmtree(spool)


@contextmanager
def brought_spool(name: str) -> Iterator[None]:
    """Bring a video's frames to this machine's folder; when they were used, no one has them.

    Raises:
        OSError: where the bucket does not answer, or there is no room.
    """
    spool = Path(settings.SPOOL_ROOT) / name
    if is_sent(name) and not spool.exists():
        spool.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=spool.parent, prefix=".part-") as folder:
            part = Path(folder) / name
            for file in _files(f"{SPOOLS}/{name}"):
                _bring(f"{SPOOLS}/{name}/{file}", part / file)
            part.rename(spool)
    yield
    _delete_sent(name)


def _delete_sent(name: str) -> None:
    """Delete a video's frames from the bucket; that they are whole first."""
    for file in sorted(_files(f"{SPOOLS}/{name}"), key=lambda file: file != WHOLE):
        default_storage.delete(f"{SPOOLS}/{name}/{file}")


def forget_spools(before: datetime) -> int:
    """Delete frames that were left before, here and in the bucket; return of how many videos."""
    folder = Path(settings.SPOOL_ROOT)
    old = [
        spool
        for spool in (folder.iterdir() if folder.is_dir() else ())
        if spool.stat().st_mtime < before.timestamp()
    ]
    for spool in old:
        shutil.rmtree(spool)
    return len(old) + (_forget_sent(before) if is_in_bucket() else 0)


def _forget_sent(before: datetime) -> int:
    names, _ = default_storage.listdir(SPOOLS)
    old = [name for name in names if _left_at(name) < before]
    for name in old:
        _delete_sent(name)
    return len(old)


def _left_at(name: str) -> datetime:
    """Return when frames were sent; now, where they are gone meanwhile."""
    try:
        times = [
            default_storage.get_modified_time(f"{SPOOLS}/{name}/{file}")
            for file in _files(f"{SPOOLS}/{name}")
        ]
    except FileNotFoundError:
        times = []
    return max(times, default=timezone.now())


def send_upload(path: Path) -> None:
    """Move a received file to the bucket, for whichever worker looks into it.

    Raises:
        OSError: where the bucket does not take it; it stays here.
    """
    _send(path, f"{UPLOADS}/{path.name}")
    path.unlink()


@contextmanager
def brought_upload(path: Path) -> Iterator[Path]:
    """Give the path of a received file on this machine, or of a copy from the bucket.

    Raises:
        OSError: where the bucket does not answer, or there is no room.
    """
    if path.exists() or not is_in_bucket():
        yield path
        return
    with TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        _bring(f"{UPLOADS}/{path.name}", copy)
        yield copy


def delete_upload(path: Path) -> None:
    """Delete a received file, wherever it is."""
    path.unlink(missing_ok=True)
    if is_in_bucket():
        default_storage.delete(f"{UPLOADS}/{path.name}")


def _files(folder: str) -> list[str]:
    _, files = default_storage.listdir(folder)
    return files


def _send(path: Path, name: str) -> None:
    with path.open("rb") as file:
        default_storage.save(name, File(file))


def _bring(name: str, path: Path) -> None:
    """Put a file of the bucket into its place here, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=path.parent, prefix=".part-") as folder:
        copy = Path(folder) / path.name
        with default_storage.open(name) as opened, copy.open("wb") as file:
            shutil.copyfileobj(opened, file)
        copy.replace(path)
