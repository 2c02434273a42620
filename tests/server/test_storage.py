"""A file of the local storage appears whole or not at all."""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from server.storage import AtomicFileStorage


@contextmanager
def no_file_over(size_bytes: int) -> Iterator[None]:
    """Let the system refuse bytes beyond the size, as a full disk does."""
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.getsignal(signal.SIGXFSZ)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_name_is_kept_and_its_file_replaced(tmp_path: Path) -> None:
    storage = AtomicFileStorage(location=tmp_path)
    assert [storage.save("a/b.gif", ContentFile(text)) for text in (b"one", b"two")] == [
        "a/b.gif", "a/b.gif",
    ]  # fmt: skip
    assert (tmp_path / "a/b.gif").read_bytes() == b"two"
    assert (tmp_path / "a/b.gif").stat().st_mode & 0o777 == 0o644


def test_a_full_disk_leaves_what_was_there_and_nothing_half_written(tmp_path: Path) -> None:
    storage = AtomicFileStorage(location=tmp_path)
    storage.save("a/b.gif", ContentFile(b"old"))
    with no_file_over(10_000), pytest.raises(OSError, match="File too large"):
        storage.save("a/b.gif", ContentFile(bytes(50_000)))
    with no_file_over(10_000), pytest.raises(OSError, match="File too large"):
        storage.save("a/new.gif", ContentFile(bytes(50_000)))
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b.gif"]
    assert (tmp_path / "a/b.gif").read_bytes() == b"old"
