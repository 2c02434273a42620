"""The digest of a file changes whenever its bytes may, and no other file's does."""

from dataclasses import replace

import pytest

from thumbnailer.encode.formats import FORMATS
from thumbnailer.encode.settings import DEFAULT, EncoderSettings, FormatSettings
from thumbnailer.results import STILL, twice
from thumbnailer.settings import FilmSettings, PictureSettings

NAMES = [*FORMATS, STILL, twice("avif"), twice(STILL)]
GIF, WEBP, *OTHERS = DEFAULT.formats


def changed(other: EncoderSettings) -> list[str]:
    """Return whose digests these settings change."""
    return [name for name, digest in DEFAULT.digests.items() if other.digests[name] != digest]


@pytest.mark.parametrize(
    "other",
    [
        replace(DEFAULT, box=(640, 180)),
        replace(DEFAULT, fills=True),
        replace(DEFAULT, film=FilmSettings(background=(0, 0, 0))),
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
    assert changed(replace(DEFAULT, still_quality=60)) == ["still", "still-2x"]
    [wide] = DEFAULT.wide
    assert changed(replace(DEFAULT, wide=(replace(wide, quality=50),))) == ["avif-2x"]


def test_a_formats_version_changes_its_file_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    before = DEFAULT.digests
    newer = replace(FORMATS["avif"], version=99)
    monkeypatch.setitem(FORMATS, "avif", newer)
    after = DEFAULT.digests
    assert [name for name in after if before[name] != after[name]] == ["avif", "avif-2x"]


def test_a_format_more_changes_no_other() -> None:
    fewer = replace(DEFAULT, formats=(GIF, *OTHERS)).digests
    assert list(fewer) == [name for name in NAMES if name != "webp"]
    assert fewer.items() <= DEFAULT.digests.items()


def test_every_file_has_a_digest_of_its_own() -> None:
    assert list(DEFAULT.digests) == NAMES
    assert len(set(DEFAULT.digests.values())) == len(NAMES)


def test_a_site_says_which_files_there_are() -> None:
    plain = EncoderSettings.of(PictureSettings(wide=False))
    assert list(plain.digests) == [*FORMATS, STILL]
    more = EncoderSettings.of(PictureSettings(previews=("mp4", "avif")))
    assert list(more.digests) == [*NAMES, "preview-mp4", "preview-avif"]
    assert EncoderSettings.of(PictureSettings()) == DEFAULT
    portrait = EncoderSettings.of(PictureSettings(shape="9:16"))
    assert (portrait.box, portrait.fills) == ((180, 320), True)
