"""Frames handed over in a folder give the features that one process gives."""

from pathlib import Path

import numpy as np
import pytest

from tests.full_disk import no_file_over
from tests.thumbnailer.clips import scenes, write_clip
from thumbnailer.errors import DiskFullError, SpoolLostError, UnreadableVideoError
from thumbnailer.features.analysis import analyse
from thumbnailer.features.efficientnet_lite import default_extractor
from thumbnailer.features.spool import decode_to, extract_from


def test_a_spooled_video_has_the_features_of_one_pass(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", scenes([2, 3]))
    extractor, spool = default_extractor(), tmp_path / "spool" / "a"
    decode_to(spool, clip, extractor.manifest)
    clip.unlink()
    decode_to(spool, clip, extractor.manifest)  # is there already
    found = extract_from(spool, extractor)
    wanted = analyse(write_clip(clip, scenes([2, 3])), extractor)
    np.testing.assert_allclose(found.features, wanted.features, atol=2e-3)
    np.testing.assert_array_equal(found.frames.luma, wanted.frames.luma)


def test_nothing_half_written_is_left(tmp_path: Path) -> None:
    (tmp_path / "letter.mp4").write_text("Dear reader")
    manifest, spool = default_extractor().manifest, tmp_path / "spool" / "a"
    with pytest.raises(UnreadableVideoError):
        decode_to(spool, tmp_path / "letter.mp4", manifest)
    clip = write_clip(tmp_path / "a.mp4", scenes([2]))
    with no_file_over(100_000), pytest.raises(DiskFullError, match=r"File too large.*: free space"):
        decode_to(spool, clip, manifest)
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_spool_that_is_gone_may_come_again(tmp_path: Path) -> None:
    with pytest.raises(SpoolLostError, match="it is decoded again") as lost:
        extract_from(tmp_path / "spool", default_extractor())
    assert lost.value.may_pass
