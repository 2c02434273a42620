"""The local folder of videos and thumbnails: a file appears under its name whole, or not at all."""

import mimetypes
import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.core.files.storage import FileSystemStorage
from django.utils.encoding import filepath_to_uri

ANY_BYTES = "application/octet-stream"  # which a browser saves, and never runs or draws
PICTURES = {"image/avif", "image/gif", "image/jpeg", "image/png", "image/webp"}

# A name holds a hash of the content: the same address is always the same bytes.
CACHE_FOREVER = "public, max-age=31536000, immutable"
PART = ".part-"  # begins the name of a file that is still being written


def media_type(name: str) -> str:
    """Return what a browser is told that a file is: a picture, a film, or nothing that it runs."""
    guessed = mimetypes.guess_type(name)[0] or ANY_BYTES
    return guessed if guessed in PICTURES or guessed.startswith("video/") else ANY_BYTES


class AtomicFileStorage(FileSystemStorage):
    """Writes beside the place, then renames; a file of the same name is replaced."""

    def url(self, name: str | None) -> str:
        """Return the file's address; names here are plain paths, so nothing has to be resolved."""
        return f"{self.base_url}{filepath_to_uri(name)}"

    def get_available_name(self, name: str, max_length: int | None = None) -> str:  # noqa: ARG002  Django's signature
        """Return the name itself: it holds its content's hash, so the same name is the same."""
        return name

    def _save(self, name: str, content: Any) -> str:
        place = Path(self.path(name))
        place.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=place.parent, prefix=PART, delete=False) as part:
            try:
                for chunk in content.chunks():
                    part.write(chunk)
                part.flush()
                os.fsync(part.fileno())
                Path(part.name).chmod(self.file_permissions_mode or 0o644)
                Path(part.name).replace(place)
            except BaseException:
                Path(part.name).unlink()
                raise
        return name
