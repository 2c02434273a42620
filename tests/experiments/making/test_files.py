"""Files are named by what they hold and stored once."""

from hashlib import sha256
from pathlib import Path

from pytest_django import Settings

from experiments.making.files import keep


def test_the_same_content_is_one_file(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    name = keep("thumbnails", b"moving", ".gif")
    assert name == f"thumbnails/{sha256(b'moving').hexdigest()[:20]}.gif"
    written = (tmp_path / name).stat().st_mtime_ns
    assert keep("thumbnails", b"moving", ".gif") == name
    assert (tmp_path / name).stat().st_mtime_ns == written
    assert keep("thumbnails", b"moving too", ".gif") != name
