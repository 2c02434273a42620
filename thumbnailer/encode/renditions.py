"""The files of a thumbnail: the shots are cut out of the video once and encoded in every format."""

from collections.abc import Collection, Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from thumbnailer.encode.budget import encode_within
from thumbnailer.encode.formats import FORMATS
from thumbnailer.encode.parts.footage import Footage, Frames
from thumbnailer.encode.settings import DEFAULT, EncoderSettings, FormatSettings
from thumbnailer.encode.still import MARGIN_FRAMES, best_frame, encode_still
from thumbnailer.results import STILL, Rendition
from thumbnailer.video.cut import cut_frames

MS_PER_CS = 10


def render(
    path: str | Path,
    starts_s: Sequence[float],
    shot_length_s: float,
    names: Collection[str] = tuple(DEFAULT.digests),
    settings: EncoderSettings = DEFAULT,
) -> list[Rendition]:
    """Return the files of these names, all from one cut of frames.

    A ``shot_length_s`` of 0 asks for the still of one moment, which has no other file.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    times_s = shot_times_s(shot_length_s, settings)
    if shot_length_s == 0:
        return [_still(cut(path, starts_s, times_s, settings)[0], settings)]
    shots = _with_margins(path, starts_s, times_s, settings)
    own = shots[:, MARGIN_FRAMES:-MARGIN_FRAMES]
    return _files(own.reshape(-1, *own.shape[2:]), own[best_frame(shots)], names, settings)


def render_frames(
    frames: Frames,
    names: Collection[str] = tuple(DEFAULT.digests),
    settings: EncoderSettings = DEFAULT,
) -> list[Rendition]:
    """Return the files of these names, all of the same (N, H, W, 3) frames of one shot.

    A single frame asks for its still, which has no other file.
    """
    if len(frames) == 1:
        return [_still(frames[0], settings)]
    around = ((0, 0), (MARGIN_FRAMES, MARGIN_FRAMES), *[(0, 0)] * 3)
    _, best = best_frame(np.pad(frames[None], around, mode="edge"))
    return _files(frames, frames[best], names, settings)


def _files(
    frames: Frames, still: Frames, names: Collection[str], settings: EncoderSettings
) -> list[Rendition]:
    footage = Footage(frames)
    made = [_animation(footage, each, settings) for each in settings.formats if each.name in names]
    return [*made, _still(still, settings)] if STILL in names else made


def cut(
    path: str | Path, starts_s: Sequence[float], times_s: Sequence[float], settings: EncoderSettings
) -> Frames:
    """Return the (N, H, W, 3) RGB frames at these times of each shot, in the order given.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    wanted_s = [[start_s + time_s for time_s in times_s] for start_s in starts_s]
    shots = cut_frames(path, wanted_s, box=(settings.box_width, settings.box_height))
    return np.stack(list(chain.from_iterable(shots)))


def shot_times_s(shot_length_s: float, settings: EncoderSettings = DEFAULT) -> list[float]:
    """Return the moments of a shot at which its frames are taken, from 0 on; a still has one."""
    fitting = round(shot_length_s * 1000 / settings.frame_ms)
    count = min(settings.frames_per_shot, max(1, fitting))
    return [number * settings.frame_ms / 1000 for number in range(count)]


def _with_margins(
    path: str | Path, starts_s: Sequence[float], times_s: Sequence[float], settings: EncoderSettings
) -> Frames:
    """Return (S, M + N + M, H, W, 3): the N frames of each shot, and M more on both sides."""
    margin_s = [number * settings.frame_ms / 1000 for number in range(1, MARGIN_FRAMES + 1)]
    before_s, after_s = [-time_s for time_s in margin_s[::-1]], [times_s[-1] + t for t in margin_s]
    frames = cut(path, starts_s, [*before_s, *times_s, *after_s], settings)
    return frames.reshape(len(starts_s), -1, *frames.shape[1:])


def _animation(footage: Footage, wanted: FormatSettings, settings: EncoderSettings) -> Rendition:
    image_format = FORMATS[wanted.name]
    content = encode_within(
        image_format,
        footage,
        delay_cs=settings.frame_ms // MS_PER_CS,
        quality=wanted.quality,
        budget_bytes=wanted.budget_bytes,
    )
    _, height, width, _ = footage.frames.shape
    media_type, extension = image_format.media_type, image_format.file_extension
    return Rendition(wanted.name, media_type, extension, content, width, height)


def _still(frame: Frames, settings: EncoderSettings) -> Rendition:
    height, width, _ = frame.shape
    content = encode_still(frame, quality=settings.still_quality)
    return Rendition(STILL, "image/jpeg", ".jpg", content, width, height)
