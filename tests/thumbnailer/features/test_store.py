from collections.abc import Callable
from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from tests.full_disk import no_file_over
from tests.thumbnailer.clips import scenes, write_clip
from tests.thumbnailer.features.means import MANIFEST, Means
from thumbnailer.choose import choose
from thumbnailer.errors import BadFeaturesError, DiskFullError, VideoError
from thumbnailer.features import store as store_module
from thumbnailer.features.analysis import Analysis, analyse
from thumbnailer.features.base import FeatureManifest
from thumbnailer.features.store import FeatureStore
from thumbnailer.registry import SELECTORS
from thumbnailer.video.measures import FrameMeasures


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "a.mp4", scenes([3, 3, 3]))


@pytest.fixture
def store(tmp_path: Path) -> FeatureStore:
    return FeatureStore(tmp_path / "features")


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def files(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "features").rglob("*") if path.is_file()]


def assert_same(one: Analysis, other: Analysis) -> None:
    np.testing.assert_array_equal(one.features, other.features)
    for field in fields(FrameMeasures):
        mine, theirs = (getattr(video.frames, field.name) for video in (one, other))
        np.testing.assert_array_equal(mine, theirs)
        assert mine.dtype == theirs.dtype
    assert (one.skipped_packets, one.is_damaged) == (other.skipped_packets, other.is_damaged)


def test_a_second_model_decodes_nothing_again(
    clip: Path, store: FeatureStore, tmp_path: Path
) -> None:
    content = digest(clip)
    first = store.analysis(clip, Means(), content)
    clip.unlink()
    second = FeatureStore(tmp_path / "features").analysis(clip, Means(), content)
    assert_same(first, second)
    for name in SELECTORS:
        assert choose(first, name) == choose(second, name)


def test_faces_and_text_are_looked_for_when_a_selector_that_reads_them_asks(
    clip: Path, store: FeatureStore
) -> None:
    content, seconds = digest(clip), len(analyse(clip, Means()).features)
    without = store.analysis(clip, Means(), content, with_cues=False)
    assert (len(without.faces), len(without.lettering), without.has_cues) == (0, 0, False)
    whole = store.analysis(clip, Means(), content)
    assert len(whole.faces) == len(whole.lettering) == seconds
    clip.unlink()
    assert_same(store.analysis(clip, Means(), content, with_cues=False), whole)


def test_it_is_the_analysis_rounded_to_half_precision(clip: Path, store: FeatureStore) -> None:
    plain, kept = analyse(clip, Means()), store.analysis(clip, Means(), digest(clip))
    assert kept.features.dtype == np.float32
    np.testing.assert_array_equal(kept.features, plain.features.astype(np.float16))
    assert_same(kept, replace(plain, features=kept.features))


def test_a_video_without_a_whole_second_is_kept_too(store: FeatureStore, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "short.mp4", scenes([0.5]))
    store.analysis(clip, Means(), digest(clip))
    assert store.analysis(tmp_path / "gone.mp4", Means(), digest(clip)).features.shape == (0, 1280)


@pytest.mark.parametrize(
    "other",
    [
        replace(MANIFEST, weights_sha256="1" * 64),
        replace(MANIFEST, normalisation="rgb / 255"),
        replace(MANIFEST, input_size=16),
        replace(MANIFEST, frames_per_s=1),
        replace(MANIFEST, name="others"),
    ],
)
def test_another_manifest_is_another_analysis(
    clip: Path, store: FeatureStore, other: FeatureManifest, tmp_path: Path
) -> None:
    content = digest(clip)
    store.analysis(clip, Means(), content)
    store.analysis(clip, Means(other), content)
    assert len(files(tmp_path)) == 2


def test_another_version_of_ours_is_another_analysis(
    clip: Path, store: FeatureStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = digest(clip)
    store.analysis(clip, Means(), content)
    monkeypatch.setattr(store_module, "VERSION", "another")
    store.analysis(clip, Means(), content)
    assert len(files(tmp_path)) == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda content: content[:20],
        lambda content: content[: len(content) // 2],
        lambda content: content[:-1],
        lambda content: content[:99] + bytes([content[99] ^ 1]) + content[100:],
    ],
    ids=["empty", "no digest", "half", "a byte short", "a bit"],
)
def test_a_damaged_file_is_made_again(
    clip: Path, store: FeatureStore, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    content = digest(clip)
    first = store.analysis(clip, Means(), content)
    [file] = files(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert_same(store.analysis(clip, Means(), content), first)
    assert file.read_bytes() == whole


def test_a_bad_video_leaves_nothing(store: FeatureStore, tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(VideoError):
        store.analysis(tmp_path / "text.mp4", Means(), "ab" * 32)
    assert not (tmp_path / "features").exists()


def test_numbers_beyond_half_precision_are_refused(clip: Path, store: FeatureStore) -> None:
    with pytest.raises(BadFeaturesError, match=r"must be at most 65504"):
        store.analysis(clip, Means(scale=1e6), digest(clip))


def test_a_full_disk_leaves_nothing_half_written(
    clip: Path, store: FeatureStore, tmp_path: Path
) -> None:
    with (
        no_file_over(100),
        pytest.raises(DiskFullError, match="free space and try again") as caught,
    ):
        store.analysis(clip, Means(), digest(clip))
    assert caught.value.code == "disk_full"
    assert files(tmp_path) == []
