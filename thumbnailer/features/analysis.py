"""One decoding pass over a video: features of its seconds and measures of its frames."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thumbnailer.features.base import FeatureExtractor, shot_means
from thumbnailer.video.measures import FrameMeasures, Measurer
from thumbnailer.video.sampling import DecodingLog, sample_video
from thumbnailer.video.shots import shot_count

VERSION = 1  # to be raised when sampling or measures make other numbers of the same video


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that the pass leaves of a video; its frames are not kept.

    Attributes:
        features: (n, D) float32, one row a whole second; n may be 0.
        frames: measures, a dozen a second.
        skipped_packets: how many packets could not be decoded.
    """

    features: NDArray[np.float32]
    frames: FrameMeasures
    skipped_packets: int


def analyse(path: str | Path, extractor: FeatureExtractor) -> Analysis:
    """Decode the video once.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    manifest = extractor.manifest
    log, measurer = DecodingLog(), Measurer()
    rows: list[NDArray[np.float32]] = []
    for sample in sample_video(path, rgb_size=manifest.input_size, log=log):
        measurer.add(sample)
        if sample.rgb is not None:
            # One frame at a time: on a CPU core the activations of a batch leave the cache.
            rows.extend([extractor.extract(sample.rgb[None])[0]] * sample.feature_frames)
    frames = measurer.finish()
    features = shot_means(np.stack(rows), manifest.frames_per_s)[: shot_count(frames)]
    return Analysis(features, frames, log.skipped_packets)
