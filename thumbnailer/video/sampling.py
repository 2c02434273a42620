"""One decoding pass at a steady rate: gray pictures to measure, colour ones for features.

Only the frame at hand is in memory, however long the video is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from math import lcm
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thumbnailer.errors import DamagedVideoError
from thumbnailer.settings import DEFAULT_FILM, FilmSettings
from thumbnailer.video.container import OpenVideo, open_video
from thumbnailer.video.decode import FilmFrame, film_frames, no_frames
from thumbnailer.video.ends import EndWatch
from thumbnailer.video.limits import check_duration
from thumbnailer.video.scale import Scaler
from thumbnailer.video.seams import SeamWatch

TICKS_PER_S = 12
FEATURE_FRAMES_PER_S = 3
GRAY_WIDTH, GRAY_HEIGHT = 64, 36
LEAST_SOUND_S = 3.0  # of a damaged film: three shots


@dataclass(frozen=True, slots=True)
class Sample:
    """A frame and the ticks (twelfths of a second) at which it is the one on screen.

    Attributes:
        first_tick: the first tick, counted from the first frame of the video.
        end_tick: one past the last; the first itself where no tick falls on this frame.
        gray: (36, 64) uint8 luma, full range.
        rgb: (size, size, 3) uint8, squashed to a square; None where no feature frame is due.
        feature_frames: how many feature frames fall on it.
        errors: how much was lost of the coded film on the way to it; 0 where it is sound.
        aspect: width by height of the picture as people see it.
    """

    first_tick: int
    end_tick: int
    gray: NDArray[np.uint8]
    rgb: NDArray[np.uint8] | None
    feature_frames: int = 0
    errors: int = 0
    aspect: float = 1.0


@dataclass(slots=True)
class DecodingLog:
    """What the pass met on its way, filled while it runs.

    Attributes:
        skipped_packets: those that could not be decoded.
        sound_runs_s: seconds, from and to, on whose way nothing is known to be lost.
        is_damaged: whether something is.
        broken_s: seconds, from and to, that seem to show noise (thumbnailer.video.seams, .ends).
        ends: seconds built on packets that do not end where their pictures do.
    """

    skipped_packets: int = 0
    sound_runs_s: list[tuple[float, float]] = field(default_factory=list)
    is_damaged: bool = False
    broken_s: list[tuple[float, float]] = field(default_factory=list)
    ends: EndWatch = field(default_factory=EndWatch)
    _is_sound: bool = False

    def note(self, each: FilmFrame) -> None:
        """Take the next frame."""
        self.ends.see(each)
        if each.errors:
            self.is_damaged = self.is_damaged or not each.is_at_joint
        elif self._is_sound:
            self.sound_runs_s[-1] = self.sound_runs_s[-1][0], each.end_s
        else:
            self.sound_runs_s.append((each.start_s, each.end_s))
        self._is_sound = not each.errors

    @property
    def sound_s(self) -> float:
        """How many seconds are sound and not broken."""
        ends_s = np.array([0.0, *(end_s for run in self.sound_runs_s for end_s in run)])
        gone = np.zeros_like(ends_s)  # seconds of sound film so far
        gone[2::2] = np.cumsum(ends_s[2::2] - ends_s[1::2])
        gone[3::2] = gone[2:-1:2]
        sound_s, until_s = float(gone[-1]), 0.0
        for start_s, end_s in sorted(self.broken_s):
            span_s = np.interp([max(start_s, until_s), max(end_s, until_s)], ends_s, gone)
            sound_s -= float(span_s[1] - span_s[0])
            until_s = max(until_s, end_s)
        return sound_s


def sample_video(
    path: str | Path,
    *,
    rgb_size: int,
    rgb_per_s: int = FEATURE_FRAMES_PER_S,
    settings: FilmSettings = DEFAULT_FILM,
    log: DecodingLog,
) -> Iterator[Sample]:
    """Yield the video's samples in order, without gaps from tick 0 on.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    moments_per_s = lcm(TICKS_PER_S, rgb_per_s)
    tick, feature_frame = moments_per_s // TICKS_PER_S, moments_per_s // rgb_per_s
    with open_video(path, settings) as video:
        gray = Scaler(GRAY_WIDTH, GRAY_HEIGHT, gray=True, keep_shape=False)
        rgb, seams = Scaler(rgb_size, rgb_size, keep_shape=False), SeamWatch()
        for first, end, held in _held_frames(video, moments_per_s, seams, log):
            ticks = round(first / tick), round(end / tick)
            due = _multiples_before(end, feature_frame) - _multiples_before(first, feature_frame)
            if due or ticks[1] > ticks[0]:
                colour = rgb(held.picture) if due else None
                width, height = held.picture.shown_size
                luma, aspect = gray(held.picture), width / height
                yield Sample(*ticks, luma, colour, due, held.errors, aspect)


def _multiples_before(moment: int, step: int) -> int:
    return -(-moment // step)


def _held_frames(
    video: OpenVideo, moments_per_s: int, seams: SeamWatch, log: DecodingLog
) -> Iterator[tuple[int, int, FilmFrame]]:
    """Yield (first moment, end moment, frame) for the frames that are on screen at some moment.

    A moment shows the last frame that has begun by half the time to the next.
    """
    held: FilmFrame | None = None
    shown_until, skipped = 0, 0
    for each in film_frames(video):
        log.note(each)
        seams.see(each)
        moment = _moment(video, each.start_s, moments_per_s)
        if held is not None and moment > shown_until:
            is_lossy = video.skipped_packets > skipped
            over = _moment(video, held.end_s, moments_per_s) if is_lossy else moment
            yield from _shown(held, shown_until, moment, over)
            shown_until = moment
        held, skipped = each, video.skipped_packets
    if held is None:
        raise no_frames(video)
    _finish(video, seams, log)
    # A video is at least a tick long, or there would be nothing to measure.
    end = max(moments_per_s // TICKS_PER_S, _moment(video, held.end_s, moments_per_s))
    if end > shown_until:
        yield shown_until, end, held


def _finish(video: OpenVideo, seams: SeamWatch, log: DecodingLog) -> None:
    """Note what was lost by the end, and refuse a film of which next to nothing is left."""
    log.skipped_packets = video.skipped_packets
    is_cut_off = video.checksums is not None and video.checksums.is_cut_off
    noise_s = log.ends.broken_s(video)
    log.is_damaged = log.is_damaged or is_cut_off or log.skipped_packets > 0
    log.is_damaged = log.is_damaged or bool(noise_s or seams.broken_s(is_damaged=False))
    log.broken_s = seams.broken_s(is_damaged=log.is_damaged) + noise_s
    if log.is_damaged and log.sound_s < LEAST_SOUND_S:
        raise DamagedVideoError(
            f"{video.path} is damaged, and no more than {max(0.0, log.sound_s):.1f} s of it are "
            "whole: upload it again, or export it again from its source"
        )
    if log.is_damaged:
        log.broken_s += seams.doubtful_s()


def _shown(
    held: FilmFrame, first: int, end: int, over: int
) -> Iterator[tuple[int, int, FilmFrame]]:
    """Yield a frame and the moments that show it: those after its own time stand for lost ones."""
    own_end = min(end, max(first, over))
    if own_end > first:
        yield first, own_end, held
    if end > own_end:
        yield own_end, end, replace(held, errors=max(1, held.errors))


def _moment(video: OpenVideo, time_s: float, moments_per_s: int) -> int:
    check_duration(video.path, time_s, video.settings.longest_s)
    return round(time_s * moments_per_s)
