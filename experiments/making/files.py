"""Files under a name that holds their content's hash: written once, whole, and never changed."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models.fields.files import FieldFile
from django.utils import timezone

DIGITS_IN_A_NAME = 20
YOUNG = timedelta(hours=12)  # far less than the age at which unused files are deleted


def keep(folder: str, content: bytes, extension: str) -> str:
    """Store the content where it is not stored yet, and return its name in the storage.

    An old file is written again, so that it is not taken for one that nobody wants any more.

    Raises:
        OSError: where the storage has no room; nothing half-written is left.
    """
    digest = hashlib.sha256(content).hexdigest()[:DIGITS_IN_A_NAME]
    name = f"{folder}/{digest}{extension}"
    if not _is_young(name):
        default_storage.save(name, ContentFile(content))
    return name


def _is_young(name: str) -> bool:
    if not default_storage.exists(name):
        return False
    return timezone.now() - default_storage.get_modified_time(name) < YOUNG


def sha256_of(path: Path) -> str:
    """Return a file's SHA-256, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def local_copy(file: FieldFile) -> Iterator[Path]:
    """Give the file's path on this machine: its own, or that of a copy for as long as needed.

    Raises:
        OSError: where the storage does not give the file, or there is no room for a copy.
    """
    path = _own_path(file)
    if path is not None:
        yield path
        return
    with NamedTemporaryFile(suffix=Path(file.name or "").suffix) as copy:
        with file.open("rb") as opened:
            for block in opened.chunks():
                copy.write(block)
        copy.flush()
        yield Path(copy.name)


def _own_path(file: FieldFile) -> Path | None:
    try:
        return Path(file.path)
    except NotImplementedError:  # how a storage says that it has no folder
        return None
