"""A folder by which one process hands decoded clips to another that has the network.

What the decoder leaves is plain arrays: whoever extracts features opens no video.
"""

import shutil
from itertools import chain
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

from thumbnailer.errors import DiskFullError, SpoolLostError
from thumbnailer.features.analysis import Analysis, Decoding, as_shots, with_features
from thumbnailer.features.base import FeatureExtractor, FeatureManifest
from thumbnailer.features.store import pack, unpack
from thumbnailer.settings import DEFAULT_FILM, FilmSettings

CLIPS, TIMES, REST = "clips.rgb", "times.npy", "rest"
FRAMES_AT_ONCE = 64  # through the network


def spool_of(folder: str | Path, content_sha256: str, manifest: FeatureManifest) -> Path:
    """Return where a video is spooled for an extractor."""
    return Path(folder) / f"{content_sha256}-{manifest.digest[:20]}"


def decode_to(
    spool: Path,
    path: str | Path,
    manifest: FeatureManifest,
    settings: FilmSettings = DEFAULT_FILM,
) -> None:
    """Decode the video into the spool, which is there whole afterwards, or not at all.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
        DiskFullError: no room for the spool.
    """
    if spool.is_dir():
        return
    try:
        _decode_to(spool, Decoding(path, manifest, settings))
    except OSError as error:
        raise DiskFullError(f"{spool} cannot be written ({error}): free space") from error


def extract_from(spool: Path, extractor: FeatureExtractor) -> Analysis:
    """Return the pass with the features of the spooled clips, a batch at a time.

    Raises:
        SpoolLostError: where there is no such spool.
    """
    if not spool.is_dir():
        raise SpoolLostError(f"{spool} is gone, or was for another extractor: it is decoded again")
    manifest = extractor.manifest
    batch_size = max(1, FRAMES_AT_ONCE // manifest.clip_frames)
    times = np.load(spool / TIMES)
    shape = (len(times), manifest.clip_frames, manifest.input_size, manifest.input_size, 3)
    clips = np.memmap(spool / CLIPS, np.uint8, "r", shape=shape)  # (N, T, size, size, 3)
    batches = (
        extractor.extract(np.array(clips[start : start + batch_size]))
        for start in range(0, len(times), batch_size)
    )
    counted = zip(chain.from_iterable(batches), times, strict=True)
    shots = as_shots((row for row, count in counted for _ in range(count)), manifest)
    return with_features(unpack((spool / REST).read_bytes()), shots)


def _decode_to(spool: Path, decoding: Decoding) -> None:
    spool.parent.mkdir(parents=True, exist_ok=True)
    part = Path(mkdtemp(dir=spool.parent, prefix=".part-"))
    try:
        times = []
        with (part / CLIPS).open("wb") as file:
            for clip, count in decoding.clips():
                file.write(np.ascontiguousarray(clip).data)
                times.append(count)
        np.save(part / TIMES, np.asarray(times, np.int64))
        (part / REST).write_bytes(pack(decoding.finish()))
        part.rename(spool)
    except BaseException:
        shutil.rmtree(part)
        raise
