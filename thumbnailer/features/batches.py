"""Features of many videos: processes decode, one network takes their clips in batches.

Decoding is the bottleneck of a GPU: one needs dozens of cores to keep it busy. Each video has a
process of its own, so that a file that crashes the decoder takes no other with it.
"""

import multiprocessing
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from thumbnailer.errors import CrashedError, TimeLimitError, VideoError
from thumbnailer.features.analysis import Analysis, Decoding, as_shots, with_features
from thumbnailer.features.base import FeatureExtractor, FeatureManifest

LONGEST_SILENCE_S = 120.0  # between two clips of one video

Clip = NDArray[np.uint8]  # (1, T, size, size, 3)


@dataclass
class _Decoder:
    """One video on its way: its process, and the features of its clips so far."""

    path: Path
    process: BaseProcess
    pipe: Connection
    heard_s: float
    times: list[int] = field(default_factory=list)
    rows: list[NDArray[np.float32]] = field(default_factory=list)
    outcome: Analysis | VideoError | None = None

    def is_ready(self) -> bool:
        """Tell whether it failed, or none of its clips waits for the network any more."""
        done = isinstance(self.outcome, Analysis) and len(self.rows) == len(self.times)
        return done or isinstance(self.outcome, VideoError)

    def result(self, manifest: FeatureManifest) -> Analysis | VideoError:
        if not isinstance(self.outcome, Analysis):
            assert self.outcome is not None  # noqa: S101  is_ready() says so
            return self.outcome
        pairs = zip(self.rows, self.times, strict=True)
        rows = (row for row, times in pairs for _ in range(times))
        return with_features(self.outcome, as_shots(rows, manifest))


def analyse_all(
    paths: Iterable[Path],
    extractor: FeatureExtractor,
    *,
    decoders: int,
    batch_size: int,
    longest_silence_s: float = LONGEST_SILENCE_S,
) -> Iterator[tuple[Path, Analysis | VideoError]]:
    """Yield each video's analysis, or why there is none, in the order in which they are done.

    Args:
        paths: the videos.
        extractor: the network; used in this process only.
        decoders: how many videos are decoded at a time.
        batch_size: clips to the network at once, of whatever videos they are; fewer where no
            decoder has more to give.
        longest_silence_s: a video that gives no clip for so long is given up.
    """
    manifest = extractor.manifest
    waiting = iter(paths)
    at_work: list[_Decoder] = []
    batch: list[tuple[_Decoder, Clip]] = []
    try:
        while True:
            at_work += _start(waiting, manifest, decoders - _decoding(at_work))
            if not at_work:
                return
            batch += _receive(at_work, longest_silence_s)
            while len(batch) >= batch_size or (batch and not _decoding(at_work)):
                _extract(batch[:batch_size], extractor)
                del batch[:batch_size]
            done = [each for each in at_work if each.is_ready()]
            at_work = [each for each in at_work if not each.is_ready()]
            yield from ((each.path, each.result(manifest)) for each in done)
    finally:
        for each in at_work:
            each.process.kill()


def _decoding(at_work: list[_Decoder]) -> int:
    return sum(each.outcome is None for each in at_work)


def _start(waiting: Iterator[Path], manifest: FeatureManifest, count: int) -> Iterator[_Decoder]:
    context = multiprocessing.get_context("forkserver")
    for _, path in zip(range(count), waiting, strict=False):
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_decode, args=(path, manifest, theirs), daemon=True)
        process.start()
        theirs.close()
        yield _Decoder(path, process, ours, monotonic())


def _decode(path: Path, manifest: FeatureManifest, pipe: Connection) -> None:
    """Send a video's clips, and at the end what else the pass left or why it failed."""
    decoding = Decoding(path, manifest)
    try:
        for clip in decoding.clips():
            pipe.send(clip)  # waits while the network is behind
        pipe.send(decoding.finish())
    except VideoError as error:
        pipe.send(error)


def _receive(at_work: list[_Decoder], longest_silence_s: float) -> Iterator[tuple[_Decoder, Clip]]:
    """Take one message of each decoder that has one."""
    pipes = {each.pipe: each for each in at_work if each.outcome is None}
    spoken = wait(list(pipes), timeout=longest_silence_s / 10)
    for each in pipes.values():
        if each.pipe in spoken:
            yield from _message(each)
        elif monotonic() - each.heard_s > longest_silence_s:
            each.process.kill()
            each.outcome = TimeLimitError(
                f"{each.path} was decoded for {longest_silence_s:g} s without a clip: "
                "export it again"
            )


def _message(decoder: _Decoder) -> Iterator[tuple[_Decoder, Clip]]:
    decoder.heard_s = monotonic()
    try:
        message = decoder.pipe.recv()
    except EOFError:
        decoder.process.join()
        decoder.outcome = CrashedError(
            f"{decoder.path} ended its decoder with exit code {decoder.process.exitcode}: "
            "export it again as MP4 or WebM"
        )
        return
    if isinstance(message, Analysis | VideoError):
        decoder.outcome = message
        decoder.process.join()
        return
    clip, times = message
    decoder.times.append(times)
    yield decoder, clip


def _extract(batch: list[tuple[_Decoder, Clip]], extractor: FeatureExtractor) -> None:
    features = extractor.extract(np.concatenate([clip for _, clip in batch]))
    for (decoder, _), row in zip(batch, features, strict=True):
        decoder.rows.append(row)
