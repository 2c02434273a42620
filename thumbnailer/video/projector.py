"""The pictures on screen at moments of a film, by as little decoding as its keyframes allow."""

import math
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain

import av

from thumbnailer.video.clock import RESTARTED
from thumbnailer.video.container import (
    OpenVideo,
    counted,
    open_video,
    packets_of,
    stream_frame_s,
)
from thumbnailer.video.decode import FilmFrame, film_frames, leaves_out, no_frames
from thumbnailer.video.picture import Picture

SEEK_MARGIN_S = 0.05  # time stamps are rounded
LEAD_S = 0.5  # before the moment wanted: what is on screen then has begun since, as a rule


class Projector:
    """Shows an open film, played on from where it stands or from the last keyframe, if nearer."""

    def __init__(self, video: OpenVideo, first: Picture) -> None:
        """Take a film of which the first picture has just been decoded."""
        self._video = video
        self._start_stamp_s = first.frame.time if _is_steady(video) else None
        self._leaves_out = self._start_stamp_s is not None and leaves_out(video)
        self._lead_s = max(LEAD_S, 2 * stream_frame_s(video))
        self._play: _Play | None = None
        self._from_start, self._scouts = ExitStack(), ExitStack()
        self._scout: OpenVideo | None = None

    def close(self) -> None:
        """Close what was opened besides the film."""
        self._from_start.close()
        self._scouts.close()

    def pictures(self, times_s: list[float]) -> Iterator[Picture]:
        """Yield the pictures on screen at increasing seconds of film.

        Where one is damaged, it is the last sound one before it.

        Raises:
            DecodeFailedError: where not one frame can be decoded.
        """
        needed_from_s = times_s[0] - self._lead_s
        self._ask_from(needed_from_s)
        if self._play is None or not self._plays_on(self._play, times_s[0]):
            self._play = self._begun_before(times_s[0])
        first = self._play.on_screen(times_s[0])
        if self._leaves_out and first is not None and first.start_s < needed_from_s:
            self._ask_from(-math.inf)  # what was left out may lie between
            self._play = self._begun_before(times_s[0])
        for time_s in times_s:
            shown = self._play.on_screen(time_s)
            if shown is None:
                raise no_frames(self._video)
            yield shown.picture

    def _ask_from(self, time_s: float) -> None:
        """Let the decoder leave out what no picture from this second on is built on."""
        if self._leaves_out and self._start_stamp_s is not None:
            self._video.needed_from_s = self._start_stamp_s + time_s

    def _plays_on(self, play: "_Play", time_s: float) -> bool:
        """Tell whether to play on is the shortest way to this moment."""
        if play.position_s > time_s:
            return False
        keyframe_s = self._keyframe_s(time_s)
        return keyframe_s is None or keyframe_s <= play.position_s

    def _keyframe_s(self, time_s: float) -> float | None:
        """Return at which second of film a seek would land; None where it is no keyframe."""
        if self._start_stamp_s is None:
            return None
        if self._scout is None:
            opened = open_video(self._video.path, self._video.settings)
            self._scout = self._scouts.enter_context(opened)
        if not _seek(self._scout, self._start_stamp_s + time_s):
            return None
        packet = next(packets_of(self._scout), None)
        if packet is None or packet.pts is None or not packet.time_base or not packet.is_keyframe:
            return None
        return float(packet.pts * packet.time_base) - self._start_stamp_s

    def _begun_before(self, time_s: float) -> "_Play":
        """Play from the keyframe before this moment, or else from the start of the film."""
        if self._start_stamp_s is not None and _seek(self._video, self._start_stamp_s + time_s):
            sought = film_frames(self._video, self._start_stamp_s, reads_all=True)
            first = next(sought, None)
            if first is not None and _is_sound(first, time_s):
                return _Play(chain([first], sought))
        self._from_start.close()
        opened = open_video(self._video.path, self._video.settings)
        return _Play(film_frames(self._from_start.enter_context(opened), reads_all=True))


class _Play:
    """Frames as they come, and the one on screen."""

    def __init__(self, film: Iterator[FilmFrame]) -> None:
        self._film = film
        self._shown: FilmFrame | None = None
        self._coming = next(film, None)

    @property
    def position_s(self) -> float:
        """The second of film from which on frames can be shown."""
        return self._shown.start_s if self._shown else 0.0

    def on_screen(self, time_s: float) -> FilmFrame | None:
        """Return the last sound frame that has begun; before there is one, the first."""
        while (coming := self._coming) is not None and (
            self._shown is None or not self._shown.is_sound or coming.start_s <= time_s
        ):
            if self._shown is None or not self._shown.is_sound or coming.is_sound:
                self._shown = coming
            self._coming = next(self._film, None)
        return self._shown


def _is_steady(video: OpenVideo) -> bool:
    """Tell whether time stamps lead to seconds of film, so that one can seek by them."""
    if video.container.format.name not in RESTARTED:
        return True
    with open_video(video.path, video.settings) as again:
        return counted(again).jumps == 0


def _is_sound(first: FilmFrame, wanted_s: float) -> bool:
    """Tell whether a seek landed on a keyframe that is whole and not after the moment wanted.

    In a container without an index, or with a wrong one, it may land too late, or between
    keyframes, where the decoder would show rubbish; then the file is read from its start.
    """
    return first.is_key and first.is_sound and first.start_s <= wanted_s + SEEK_MARGIN_S


def _seek(video: OpenVideo, stamp_s: float) -> bool:
    """Go to the keyframe before this time stamp; false where the container cannot."""
    time_base = video.stream.time_base
    try:
        video.container.seek(int(stamp_s / time_base) if time_base else 0, stream=video.stream)
    except (av.FFmpegError, OSError):
        return False
    if video.decoder.is_open:
        video.decoder.flush_buffers()
    return True
