"""Features on a device, fed by decoders: here the device is the CPU itself."""

from pathlib import Path

import pytest

from thumbnailer.features.efficientnet_lite import MANIFEST
from thumbnailer.gpu_check import feature_checks


def test_features_come_through_the_spool_and_their_speed_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(feature_checks, "EXTRACTORS", (MANIFEST.name,))
    alike, speed = feature_checks.feature_checks(
        "cpu", tmp_path, films=2, seconds=3, size=(64, 48), decoders=1
    )
    assert alike.passed
    assert speed.passed is None
    assert "films of 3 s an hour with 1 decoders; the network waits" in speed.figure
