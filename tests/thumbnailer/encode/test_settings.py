"""The digest of a file changes whenever its bytes may, and no other file's does."""

from dataclasses import replace

import pytest

from thumbnailer.encode.formats import FORMATS
from thumbnailer.encode.settings import DEFAULT, EncoderSettings, FormatSettings
from thumbnailer.results import STILL

NAMES = [*FORMATS, STILL]
GIF, WEBP, *OTHERS = DEFAULT.formats


def changed(other: EncoderSettings) -> list[str]:
    """Return whose digests these settings change."""
    return [name for name, digest in DEFAULT.digests.items() if other.digests[name] != digest]


@pytest.mark.parametrize(
    "other",
    [
        replace(DEFAULT, box_width=640),
        replace(DEFAULT, box_height=90),
        replace(DEFAULT, frame_ms=100),
        replace(DEFAULT, frames_per_shot=6),
    ],
)
def test_what_all_files_share_changes_all(other: EncoderSettings) -> None:
    assert changed(other) == NAMES


@pytest.mark.parametrize(
    "webp", [replace(WEBP, quality=50), replace(WEBP, budget_bytes=1000)], ids=["quality", "budget"]
)
def test_a_formats_settings_change_its_file_alone(webp: FormatSettings) -> None:
    assert changed(replace(DEFAULT, formats=(GIF, webp, *OTHERS))) == ["webp"]
    assert changed(replace(DEFAULT, still_quality=60)) == ["still"]


def test_a_formats_version_changes_its_file_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    before = DEFAULT.digests
    newer = replace(FORMATS["avif"], version=99)
    monkeypatch.setitem(FORMATS, "avif", newer)
    assert [name for name, digest in DEFAULT.digests.items() if before[name] != digest] == ["avif"]


def test_a_format_more_changes_no_other() -> None:
    fewer = replace(DEFAULT, formats=(GIF, *OTHERS)).digests
    assert list(fewer) == [name for name in NAMES if name != "webp"]
    assert fewer.items() <= DEFAULT.digests.items()


def test_every_file_has_a_digest_of_its_own() -> None:
    assert list(DEFAULT.digests) == NAMES
    assert len(set(DEFAULT.digests.values())) == len(NAMES)
