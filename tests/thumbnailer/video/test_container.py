"""An open file's packets."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from av.container import InputContainer
from av.video.stream import VideoStream

from tests.thumbnailer.clips import scenes, write_clip
from thumbnailer.video.container import open_video, packets_of


class BreaksAtItsEnd:
    """A container that met a stream it does not know, as PyAV's do now and then.

    Which ones depends on what lies behind PyAV's list of streams in memory, so no file shows it
    each time. Found by damage to a transport stream.
    """

    def __init__(self, container: InputContainer) -> None:
        self._container = container

    def demux(self, stream: VideoStream) -> Iterator[Any]:
        yield from self._container.demux(stream)
        raise IndexError("list index out of range")


def test_a_stream_that_begins_midway_ends_the_reading_where_the_film_ends(tmp_path: Path) -> None:
    film = write_clip(tmp_path / "film.ts", scenes([2]))
    with open_video(film) as video:
        whole = len(list(packets_of(video)))
    with open_video(film) as video:
        video.container = cast("InputContainer", BreaksAtItsEnd(video.container))
        assert len(list(packets_of(video))) == whole
        assert video.skipped_packets == 0
