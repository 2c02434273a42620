"""An open file's packets."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from av.container import InputContainer
from av.video.stream import VideoStream

from tests.thumbnailer.clips import scenes, write_clip
from thumbnailer.video.container import open_video, packets_of
from thumbnailer.video.decoding_log import DecodingLog
from thumbnailer.video.sampling import sample_video


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


def test_a_film_whose_header_is_odd_or_changed_is_known_as_damaged(tmp_path: Path) -> None:
    """Its pictures may be decoded by other parameters than theirs, and no decoder says so."""
    film = write_clip(tmp_path / "film.mkv", scenes([4]), codec="libx265")
    content = film.read_bytes()
    seek = content.index(b"\x4d\xbb")  # an entry of the list of what there is, and its size
    tracks = content.index(b"\x16\x54\xae\x6b", content.index(b"\x16\x54\xae\x6b") + 1)
    told = []
    for name, at, byte in [
        ("whole", 0, content[0]),
        ("odd", seek + 2, 0xFF),
        ("set", tracks + 8, content[tracks + 8] ^ 1),
    ]:
        (tmp_path / name).write_bytes(content[:at] + bytes([byte]) + content[at + 1 :])
        log = DecodingLog()
        list(sample_video(tmp_path / name, rgb_size=32, log=log))
        told.append(log.is_damaged)
    assert told == [False, True, True]
