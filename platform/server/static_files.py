"""The site's own files, at addresses that change with their content."""

import hashlib
from functools import lru_cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage

DIGITS = 12


class VersionedStaticFiles(StaticFilesStorage):
    """Puts a digest of the content behind each address: a new version is fetched at once."""

    def url(self, name: str | None) -> str:
        """Return the address of a file, by its path below the static folders."""
        found = finders.find(name) if name else None
        address = super().url(name)
        return f"{address}?{_digest(found, Path(found).stat().st_mtime_ns)}" if found else address


@lru_cache(maxsize=1000)
def _digest(path: str, _changed_ns: int) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:DIGITS]
