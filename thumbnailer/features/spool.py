"""Hands decoded clips from the process that decodes to one that has the network, by a folder.

What the decoder leaves is plain arrays: whoever extracts features opens no video.
"""

import shutil
from itertools import chain
from pathlib import Path
from tempfile import mkdtemp

import numpy as np

from thumbnailer.features.analysis import Analysis, Decoding, as_shots, with_features
from thumbnailer.features.base import FeatureExtractor, FeatureManifest
from thumbnailer.features.store import pack, unpack

CLIPS, TIMES, REST = "clips.rgb", "times.npy", "rest"


def decode_to(spool: Path, path: str | Path, manifest: FeatureManifest) -> None:
    """Decode the video into the spool, which is there whole afterwards, or not at all.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
        OSError: where the disk has no room.
    """
    if spool.is_dir():
        return
    spool.parent.mkdir(parents=True, exist_ok=True)
    part = Path(mkdtemp(dir=spool.parent, prefix=".part-"))
    try:
        decoding, times = Decoding(path, manifest), []
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


def extract_from(spool: Path, extractor: FeatureExtractor, *, batch_size: int) -> Analysis:
    """Return the pass with the features of the spooled clips, a batch at a time.

    Raises:
        FileNotFoundError: where there is no such spool.
    """
    manifest = extractor.manifest
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
