"""Films to choose thumbnails of: the shared clips over 20 s, and films joined of two clips.

They lie in var/films afterwards, so that ``python -m thumbnailer.contact_sheet var/films`` shows
what is chosen of them.
"""

from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest

from tests.benchmarks.made_videos import joined
from tests.thumbnailer.clips import ROOT, SHARED
from thumbnailer.features.analysis import Analysis
from thumbnailer.features.efficientnet_lite import default_extractor
from thumbnailer.features.store import FeatureStore

FILMS = ROOT / "var/films"
LONG_S = 20


@cache
def films() -> dict[str, Analysis]:
    """Return what is known of each film over 20 s, by name; decoded once and kept."""
    clips = sorted((SHARED / "data/videos").glob("*"))
    if not clips:
        pytest.skip("shared/data/videos is not beside this checkout")
    FILMS.mkdir(parents=True, exist_ok=True)
    made = [_joined(clip, after) for clip, after in zip(clips, [*clips[1:], clips[0]], strict=True)]
    found = {path.name: _analysed(path) for path in (*map(_linked, clips), *made)}
    return {name: video for name, video in found.items() if video.frames.duration_s > LONG_S}


def _joined(first: Path, second: Path) -> Path:
    target = FILMS / f"{first.stem}+{second.stem}.mp4"
    return target if target.is_file() else joined([first, second], target)


def _linked(clip: Path) -> Path:
    link = FILMS / clip.name
    if not link.exists():
        link.symlink_to(clip)
    return link


def _analysed(path: Path) -> Analysis:
    content = sha256(path.read_bytes()).hexdigest()
    return FeatureStore(FILMS / "features").analysis(path, default_extractor(), content)
