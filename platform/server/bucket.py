"""Videos and thumbnails in an S3 bucket, whose service makes an object appear whole."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3Storage

from server.storage import ANY_BYTES, CACHE_FOREVER, media_type

IN_MEMORY_BYTES = 1_000_000  # of a file that is read; a larger one lies in the temporary folder
NO_SUCH_FILE = {"404", "NoSuchKey"}  # the first where the answer has no body to say more


class BucketStorage(S3Storage):  # type: ignore[misc]  # the package ships no types
    """Gives public addresses; what is amiss with the service is an OSError."""

    def __init__(self, public_url: str, **options: Any) -> None:
        """Take where viewers find the files, and django-storages' own options."""
        self._public_url = public_url.rstrip("/")
        options.setdefault("file_overwrite", True)
        options.setdefault("object_parameters", {"CacheControl": CACHE_FOREVER})
        options.setdefault("max_memory_size", IN_MEMORY_BYTES)
        super().__init__(**options)

    def url(self, name: str, *_: object, **__: object) -> str:
        """Return the public address, without a signature: it may be cached forever."""
        return f"{self._public_url}/{filepath_to_uri(name)}"

    def get_object_parameters(self, name: str) -> dict[str, Any]:
        """Return what the service is told of an object, and says to browsers."""
        parameters: dict[str, Any] = super().get_object_parameters(name)
        parameters["ContentType"] = media_type(name)
        if parameters["ContentType"] == ANY_BYTES:
            parameters["ContentDisposition"] = "attachment"
        return parameters

    def exists(self, name: str) -> bool:
        """Return whether the bucket holds the file."""
        with _as_os_errors(name):
            return bool(super().exists(name))

    def get_modified_time(self, name: str) -> datetime:
        """Return when the file was written last."""
        with _as_os_errors(name):
            modified: datetime = super().get_modified_time(name)
        return modified

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        """Return the names of the folders and files in a folder."""
        with _as_os_errors(name):
            folders, files = super().listdir(name)
        return folders, files

    def delete(self, name: str) -> None:
        """Delete the file; one that is not there is no error."""
        with _as_os_errors(name):
            super().delete(name)

    def _open(self, name: str, mode: str = "rb") -> Any:
        with _as_os_errors(name):
            return super()._open(name, mode).open()  # brought now, not when it is first read

    def _save(self, name: str, content: Any) -> str:
        with _as_os_errors(name):
            return str(super()._save(name, content))


@contextmanager
def _as_os_errors(name: str) -> Iterator[None]:
    """Tell a service that is away, which may pass, from one that refuses, which will not."""
    try:
        yield
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise ConnectionError(f"the bucket failed on {name}: {error}") from error
        if error.response["Error"]["Code"] in NO_SUCH_FILE:
            raise FileNotFoundError(f"the bucket has no {name}: {error}") from error
        raise PermissionError(f"the bucket refuses {name}: {error}") from error
    except (BotoCoreError, Boto3Error) as error:
        raise ConnectionError(f"the bucket cannot be reached for {name}: {error}") from error
