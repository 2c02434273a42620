"""Files under a name that holds their content's hash: written once, whole, and never changed."""

import hashlib

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

DIGITS_IN_A_NAME = 20


def keep(folder: str, content: bytes, extension: str) -> str:
    """Store the content where it is not stored yet, and return its name in the storage.

    Raises:
        OSError: where the storage has no room; nothing half-written is left.
    """
    digest = hashlib.sha256(content).hexdigest()[:DIGITS_IN_A_NAME]
    name = f"{folder}/{digest}{extension}"
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(content))
    return name
