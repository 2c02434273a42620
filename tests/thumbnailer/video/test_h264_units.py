"""Units of packets as x264 writes them, and of what is no packet at all."""

from pathlib import Path

import av
import numpy as np
import pytest

from tests.thumbnailer.clips import scene, write_clip
from thumbnailer.video.h264_units import (
    PARAMETERS,
    kind_of,
    size_bytes_of,
    units_of,
    with_units,
)

SLICES = {1, 5}


def coded(path: Path) -> tuple[bytes, list[bytes]]:
    """Return what a film says of itself, and its packets."""
    write_clip(path, [scene(1)(number) for number in range(12)], gop=6)
    with av.open(str(path)) as container:
        packets = [bytes(each) for each in container.demux(video=0) if each.size]
        return container.streams.video[0].codec_context.extradata or b"", packets


@pytest.mark.parametrize("suffix", ["mp4", "ts"])
def test_each_packet_holds_slices_of_a_picture(tmp_path: Path, suffix: str) -> None:
    description, packets = coded(tmp_path / f"a.{suffix}")
    size_bytes = size_bytes_of(description)
    assert size_bytes == (4 if suffix == "mp4" else 0)
    units = [units_of(packet, size_bytes) for packet in packets]
    assert all({kind_of(unit) for unit in each} & SLICES for each in units)
    has_parameters = [any(kind_of(unit) == PARAMETERS for unit in each) for each in units]
    assert any(has_parameters) == (suffix == "ts")


@pytest.mark.parametrize("suffix", ["mp4", "ts"])
def test_units_are_changed_and_sizes_with_them(tmp_path: Path, suffix: str) -> None:
    description, packets = coded(tmp_path / f"a.{suffix}")
    size_bytes = size_bytes_of(description)
    for packet in packets:
        assert with_units(packet, size_bytes, lambda unit: unit) == packet
        longer = with_units(packet, size_bytes, lambda unit: unit + b"ab")
        assert units_of(longer, size_bytes) == [
            unit + b"ab" for unit in units_of(packet, size_bytes)
        ]


def test_noise_is_no_error() -> None:
    rng = np.random.default_rng(0)
    for number in range(200):
        noise = rng.integers(0, 256, number, np.uint8).tobytes()
        for size_bytes in (0, 1, 2, 4):
            assert all(kind_of(unit) < 32 for unit in units_of(noise, size_bytes))
        assert size_bytes_of(noise) <= 4
    assert kind_of(b"") == 0
