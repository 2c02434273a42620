"""The shots of several thumbnails, cut out of a film in one pass.

They wait for their encoders in a file without a name: a thumbnail's take up to 38 MB.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BufferedRandom
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np

from thumbnailer.encode.parts.footage import Frames
from thumbnailer.encode.settings import EncoderSettings
from thumbnailer.encode.shots import Shots
from thumbnailer.results import WHOLE, Part
from thumbnailer.video.cut import cut_runs
from thumbnailer.video.framing import Framing


@dataclass(frozen=True, slots=True)
class Moments:
    """The moments of one thumbnail's frames.

    Attributes:
        of_shots_s: increasing seconds of film, as many of each shot, those of its margins included.
        margin: how many frames before and after each shot are there for comparison only.
    """

    of_shots_s: Sequence[Sequence[float]]
    margin: int = 0


class CutShots:
    """The shots of each thumbnail: parts of a file, whose pages the system can take back."""

    def __init__(self, file: BufferedRandom, counts: Sequence[int]) -> None:
        """Take the file, and how many shots each thumbnail has."""
        self._file, self._counts = file, counts
        self._places: dict[int, int] = {}
        self._like: dict[int, Shots] = {}
        self._end = 0

    def keep(self, thumbnail: int, number: int, shot: Shots) -> None:
        """Write one shot of a thumbnail; its larger frames lie behind the others of all shots."""
        count = self._counts[thumbnail]
        if thumbnail not in self._places:
            self._places[thumbnail], self._like[thumbnail] = self._end, shot.without_frames()
            self._end += count * (shot.frames.nbytes + shot.has_large * shot.large.nbytes)
        place = self._places[thumbnail]
        self._write(place + number * shot.frames.nbytes, shot.frames)
        if shot.has_large:
            place += count * shot.frames.nbytes
            self._write(place + number * shot.large.nbytes, shot.large)

    def of(self, thumbnail: int) -> Shots:
        """Return a thumbnail's shots in the order given."""
        self._file.flush()
        place, like = self._places[thumbnail], self._like[thumbnail]
        frames = self._mapped(place, self._counts[thumbnail], like.frames)
        if not like.has_large:
            return Shots.of(frames, like.margin)
        large = self._mapped(place + frames.nbytes, self._counts[thumbnail], like.large)
        return replace(like, frames=frames, large=large)

    def _write(self, place: int, frames: Frames) -> None:
        self._file.seek(place)
        self._file.write(frames.data)

    def _mapped(self, place: int, count: int, like: Frames) -> Frames:
        shape = count, *like.shape[1:]
        return np.asarray(np.memmap(self._file, np.uint8, mode="c", offset=place, shape=shape))


@contextmanager
def cut_shots(
    path: str | Path,
    thumbnails: Sequence[Moments],
    settings: EncoderSettings,
    part: Part = WHOLE,
) -> Iterator[CutShots]:
    """Give the frames at the moments of all thumbnails, which are there until the end.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
        OSError: where there is no room for them.
    """
    with TemporaryFile() as file:
        cut = CutShots(file, [len(each.of_shots_s) for each in thumbnails])
        for thumbnail, number, shot in _shots(path, thumbnails, settings, part):
            cut.keep(thumbnail, number, shot)
        yield cut


def _shots(
    path: str | Path, thumbnails: Sequence[Moments], settings: EncoderSettings, part: Part
) -> Iterator[tuple[int, int, Shots]]:
    """Yield the numbers of a thumbnail and its shot, and the shot, as soon as it is whole."""
    framing = Framing(
        settings.box,
        part,
        turns=not settings.fills,
        fills=settings.fills,
        most=2 if settings.wide else 1,
    )
    runs = [
        (thumbnail, number, times_s)
        for thumbnail, moments in enumerate(thumbnails)
        for number, times_s in enumerate(moments.of_shots_s)
    ]
    begun: dict[int, _Begun] = {}
    for run, frame in cut_runs(path, [times_s for *_, times_s in runs], framing, settings.film):
        thumbnail, number, times_s = runs[run]
        if run not in begun:
            begun[run] = _Begun(len(times_s), thumbnails[thumbnail].margin, settings)
        if shot := begun[run].whole_with(frame):
            yield thumbnail, number, shot
            del begun[run], shot


class _Begun:
    """A shot whose frames come one by one."""

    def __init__(self, length: int, margin: int, settings: EncoderSettings) -> None:
        self._length, self._margin, self._settings = length, margin, settings
        self._waiting: list[Frames] = []
        self._shot: Shots | None = None
        self._put = 0

    def whole_with(self, frame: Frames) -> Shots | None:
        """Take the next (H, W, 3) frame, and return the shot where it is the last."""
        self._waiting.append(frame)
        frames = self._waiting
        if self._settings.fills:  # the window is looked for in the whole shot
            if len(frames) < self._length:
                return None
            frames = _filling(frames, self._settings.box)
        for each in frames:
            if self._shot is None:
                self._shot = Shots.room_for(self._length, each, self._settings.box, self._margin)
            self._shot.put(self._put, each)
            self._put += 1
        self._waiting = []
        return self._shot if self._put == self._length else None


def _filling(shot: list[Frames], box: tuple[int, int]) -> list[Frames]:
    """Cut a shot's (H, W, 3) frames to the box's shape around what stands out."""
    from thumbnailer.encode.crop import best_window  # noqa: PLC0415  its networks take 20 MB

    height, width, _ = shot[0].shape
    times = min(width / box[0], height / box[1])
    step = 4 if times > 1 else 2
    window_width, window_height = (int(side * times + 1e-6) // step * step for side in box)
    rows, columns = best_window(np.stack(shot), window_width, window_height)
    return [np.ascontiguousarray(frame[rows, columns]) for frame in shot]
