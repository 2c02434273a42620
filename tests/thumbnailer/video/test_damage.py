"""Files of which packets are lost or spoilt, against the same films whole."""

from collections.abc import Callable, Container, Iterator
from contextlib import suppress
from pathlib import Path

import av
import numpy as np
import pytest
from av.packet import Packet
from av.video.stream import VideoStream
from numpy.typing import NDArray

from tests.thumbnailer.clips import Frame, scene, write_clip
from thumbnailer.video.container import open_video
from thumbnailer.video.damage import DamageWatch, judged_packets, listening
from thumbnailer.video.decode import film_frames
from thumbnailer.video.decoding_log import DecodingLog
from thumbnailer.video.fitness import REORDER_TICKS
from thumbnailer.video.sampling import sample_video
from thumbnailer.video.ticks import TICKS_PER_S

FPS, GOP, COUNT = 12, 24, 96
CODECS = ["libx264", "libx265", "mpeg4", "mpeg2video"]
TS_CODECS = ["libx264", "libx265", "mpeg2video"]
TS_BYTES, VIDEO_PID, BEGINS = 188, 0x100, 0x40  # of FFmpeg's writer


def film() -> list[Frame]:
    """One scene a keyframe, in which a square wanders."""
    return [scene(number // GOP, width=320, height=176)(4 * number) for number in range(COUNT)]


def decoded(path: Path) -> dict[int, tuple[int, NDArray[np.int64]]]:
    """Return errors and picture of each frame, by its number."""
    with open_video(path) as video:
        return {
            round(each.start_s * FPS): (
                each.errors,
                each.picture.frame.to_ndarray(format="gray").astype(int),
            )
            for each in film_frames(video)
        }


def spoilt(whole: Path, target: Path, spoil: set[int], left_out: Container[int] = ()) -> Path:
    """Copy the film, with these packets overwritten by noise, and without those left out."""
    rng = np.random.default_rng(1)
    with av.open(str(whole)) as old, av.open(str(target), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        packets = [packet for packet in old.demux(old.streams.video[0]) if packet.dts is not None]
        for number, packet in enumerate(packets):
            if number in left_out:
                continue
            content = bytearray(packet)
            if number in spoil:
                for at in range(len(content) // 3, len(content), 7):
                    content[at] = int(rng.integers(256))
            copy = av.Packet(bytes(content))
            copy.pts, copy.dts, copy.time_base = packet.pts, packet.dts, packet.time_base
            copy.duration, copy.is_keyframe, copy.stream = (
                packet.duration,
                packet.is_keyframe,
                stream,
            )
            new.mux(copy)
    return target


@pytest.mark.parametrize("codec", CODECS)
def test_whole_files_have_no_errors(tmp_path: Path, codec: str) -> None:
    clip = write_clip(tmp_path / "a.mkv", film(), codec=codec, gop=GOP)
    assert {errors for errors, _ in decoded(clip).values()} == {0}


@pytest.mark.parametrize("codec", CODECS)
def test_from_a_loss_to_the_next_keyframe_nothing_is_sound(tmp_path: Path, codec: str) -> None:
    whole = write_clip(tmp_path / "whole.mkv", film(), codec=codec, gop=GOP)
    clip = spoilt(whole, tmp_path / "a.mkv", {30, 31, 55})
    there, found = decoded(whole), decoded(clip)
    off = {number: np.abs(found[number][1] - there[number][1]).mean() for number in found}
    unsound = {number for number, (errors, _) in found.items() if errors}
    assert unsound >= {40, 47}
    # MPEG-2 hands a frame out when it has begun the next.
    assert unsound <= set(range(29, 48)) | set(range(54, 72))
    # A decoder may take noise for a picture at first; what is shown just before counts, too.
    known = {number - early for number in unsound for early in range(REORDER_TICKS + 1)}
    assert {number for number, mean in off.items() if mean > 0.5} <= known, off


def unlike(found: Path, whole: Path) -> set[int]:
    """Return which frames show something else than the whole film, though all seems well."""
    there, here = decoded(whole), decoded(found)
    with open_video(found) as video:
        known = {round(each.start_s * FPS) for each in film_frames(video) if not each.is_sound}
    known |= {number - early for number in known for early in range(REORDER_TICKS + 1)}
    return {
        number
        for number, (_, picture) in here.items()
        if number not in known and (np.abs(picture - there[number][1]) > 20).any()
    }


@pytest.mark.parametrize("lost", [26, 31, 40, 55])
def test_what_is_built_on_a_picture_that_is_not_there_is_not_sound(
    tmp_path: Path, lost: int
) -> None:
    """Neither container nor time stamps tell that a packet of H.264 is gone."""
    whole = write_clip(tmp_path / "whole.mp4", film(), gop=GOP)
    clip = spoilt(whole, tmp_path / "a.mp4", set(), left_out={lost})
    assert not unlike(clip, whole)


def test_a_complaint_that_tells_of_no_loss_is_none() -> None:
    with listening() as complaints:
        av.logging.log(av.logging.ERROR, "h264", "SEI type 5 size 40 truncated at 12")
    assert not complaints.heard
    with listening() as complaints:
        av.logging.log(av.logging.ERROR, "mpeg2video", "ac-tex damaged at 7 4")
    assert complaints.heard


def test_a_complaint_before_an_error_is_heard_and_ffmpeg_is_as_quiet_as_before() -> None:
    before = av.logging.get_level(), av.logging.get_skip_repeated()
    complaints = listening(level_heard=av.logging.DEBUG)
    with suppress(OSError), complaints:
        av.logging.log(av.logging.ERROR, "mpeg2video", "ac-tex damaged at 7 4")
        av.logging.log(av.logging.DEBUG, "h264", "Frame num gap: 4 2")
        raise OSError("as decoders do")
    assert complaints.heard
    assert complaints.has_gap
    assert (av.logging.get_level(), av.logging.get_skip_repeated()) == before


def test_a_complaint_is_heard_each_time_and_never_later() -> None:
    """PyAV would leave out a repeated message, and tell of it when the next one comes."""
    for _ in range(3):
        with listening() as complaints:
            av.logging.log(av.logging.ERROR, "mpeg2video", "ac-tex damaged at 7 4")
        assert complaints.heard
    with listening() as complaints:
        av.logging.log(av.logging.ERROR, "h264", "SEI type 5 size 40 truncated at 12")
    assert not complaints.heard


def test_what_a_container_lost_counts_to_the_next_keyframe(tmp_path: Path) -> None:
    """Of WebM, which has no checksums and is decoded by what hides losses."""
    whole = write_clip(tmp_path / "whole.webm", film(), codec="libvpx", gop=GOP)
    with av.open(str(whole)) as container:
        places = [each.pos for each in container.demux(video=0) if each.pos is not None]
    content = whole.read_bytes()
    (tmp_path / "a.webm").write_bytes(content[: places[30] + 20] + content[places[33] + 20 :])
    found = decoded(tmp_path / "a.webm")
    there = decoded(whole)
    assert any(errors for errors, _ in found.values())
    assert [found[0][0], max(found.items())[1][0]] == [0, 0]
    for number, (errors, picture) in found.items():
        assert errors or np.abs(picture - there[number][1]).mean() < 0.5, number


@pytest.mark.parametrize("seconds", [0, 20_000], ids=["again", "leap"])
def test_what_follows_a_joint_is_sound(tmp_path: Path, seconds: int) -> None:
    """The joint looks like a loss, and the clock begins anew behind it."""
    parts = [
        write_clip(tmp_path / f"{start}.ts", film(), gop=GOP, first_pts=FPS * start)
        for start in (1, seconds)
    ]
    clip = tmp_path / "a.ts"
    clip.write_bytes(b"".join(part.read_bytes() for part in parts))
    errors = [errors for _, (errors, _) in sorted(decoded(clip).items())]
    assert sum(map(bool, errors)) <= GOP
    assert errors[-GOP:] == [0] * GOP


def pass_over(path: Path) -> tuple[DecodingLog, NDArray[np.int64]]:
    """Return what is known of the film after a pass, and (ticks,) the errors it met."""
    log = DecodingLog()
    samples = list(sample_video(path, rgb_size=32, log=log))
    errors = [np.full(each.end_tick - each.first_tick, each.errors) for each in samples]
    return log, np.concatenate(errors)


def joined(
    tmp_path: Path, codec: str, left: Callable[[bytes], bytes]
) -> tuple[DecodingLog, NDArray[np.int64]]:
    """Pass over the film, of which so much is left, and over it again, whole."""
    content = write_clip(tmp_path / "one.ts", film(), codec=codec, gop=GOP).read_bytes()
    (tmp_path / "a.ts").write_bytes(left(content) + content)
    return pass_over(tmp_path / "a.ts")


@pytest.mark.parametrize("times", [1, 2], ids=["twice", "three times"])
@pytest.mark.parametrize("codec", TS_CODECS)
def test_a_joint_of_whole_films_is_no_damage(tmp_path: Path, codec: str, times: int) -> None:
    """What follows the last keyframe is as good as what lies before."""
    log, errors = joined(tmp_path, codec, lambda content: content * times)
    assert not log.is_damaged
    assert not log.broken_s
    lost_ticks = int((errors > 0).sum())
    assert 0 < lost_ticks <= times * REORDER_TICKS, "the picture before each joint"


@pytest.mark.parametrize("codec", TS_CODECS)
def test_a_joint_of_parts_whose_clock_goes_on_is_no_damage(tmp_path: Path, codec: str) -> None:
    """As those that a film is cut into for streaming."""
    parts = [
        write_clip(tmp_path / f"{n}.ts", film(), codec=codec, gop=GOP, first_pts=FPS + n * COUNT)
        for n in range(3)
    ]
    (tmp_path / "a.ts").write_bytes(b"".join(part.read_bytes() for part in parts))
    log, errors = pass_over(tmp_path / "a.ts")
    assert not log.is_damaged
    assert not log.broken_s
    assert (errors > 0).sum() <= 2 * REORDER_TICKS


@pytest.mark.parametrize("bytes_over", [0, 77], ids=["between packets", "amid one"])
@pytest.mark.parametrize("codec", TS_CODECS)
def test_a_film_that_is_cut_off_before_a_joint_is_damaged(
    tmp_path: Path, codec: str, bytes_over: int
) -> None:
    def cut_off(content: bytes) -> bytes:
        packets = [content[at : at + TS_BYTES] for at in range(0, len(content), TS_BYTES)]
        longer = [
            number
            for number in range(len(packets) * 3 // 5)
            if begins(packets[number]) and not packets[number + 1][1] & BEGINS
        ]
        return content[: (longer[-1] + 1) * TS_BYTES + bytes_over]  # a picture's first packet

    log, errors = joined(tmp_path, codec, cut_off)
    assert log.is_damaged
    changes = np.flatnonzero(np.diff(errors > 0))
    assert len(changes) >= 2, "sound, lost, and sound again"


@pytest.mark.parametrize("share", [0.3, 0.97], ids=["amid the film", "shortly before the joint"])
@pytest.mark.parametrize("codec", TS_CODECS)
def test_what_is_lost_of_a_joined_film_is_damage(tmp_path: Path, codec: str, share: float) -> None:
    def lossy(content: bytes) -> bytes:
        at = int(len(content) * share) // TS_BYTES * TS_BYTES
        return content[:at] + content[at + 3 * TS_BYTES :]

    log, errors = joined(tmp_path, codec, lossy)
    assert log.is_damaged
    end_s = max(end_s for _, end_s in log.doubtful_s)
    assert end_s == pytest.approx(len(errors) / TICKS_PER_S), "the film's end"


@pytest.mark.parametrize("codec", TS_CODECS)
def test_what_is_lost_before_a_keyframe_of_one_film_is_damage(tmp_path: Path, codec: str) -> None:
    """The clock goes on, so it is no joint."""
    content = write_clip(tmp_path / "one.ts", film(), codec=codec, gop=GOP).read_bytes()
    packets = [content[at : at + TS_BYTES] for at in range(0, len(content), TS_BYTES)]
    del packets[[number for number, each in enumerate(packets) if begins(each)][2 * GOP - 1]]
    (tmp_path / "a.ts").write_bytes(b"".join(packets))
    assert any(errors for errors, _ in decoded(tmp_path / "a.ts").values())
    assert pass_over(tmp_path / "a.ts")[0].is_damaged


@pytest.mark.parametrize("codec", TS_CODECS)
def test_a_keyframe_of_which_a_part_is_lost_is_not_sound(tmp_path: Path, codec: str) -> None:
    """The container's reader marks the picture before it, and decoders may say nothing."""
    content = write_clip(tmp_path / "one.ts", film(), codec=codec, gop=GOP).read_bytes()
    packets = [content[at : at + TS_BYTES] for at in range(0, len(content), TS_BYTES)]
    starts = [number for number, each in enumerate(packets) if begins(each)]
    del packets[(starts[2 * GOP] + starts[2 * GOP + 1]) // 2]
    (tmp_path / "a.ts").write_bytes(b"".join(packets))
    errors = {number: errors for number, (errors, _) in decoded(tmp_path / "a.ts").items()}
    assert all(errors[number] for number in range(2 * GOP, 3 * GOP))
    assert not any(errors[number] for number in range(3 * GOP, 4 * GOP))


@pytest.mark.parametrize(("stream", "lost"), [(0, [3, 4]), (1, [])], ids=["picture", "sound"])
def test_a_mark_of_which_the_log_alone_tells_is_one(
    tmp_path: Path, stream: int, lost: list[int]
) -> None:
    """Where a picture's beginning is lost, the reader's parser joins the rest to the one before."""
    losses: list[int | None] = []

    class Watch(DamageWatch):
        def lose(self, packet: "Packet[VideoStream]") -> None:
            losses.append(packet.pts)

    with av.open(str(write_clip(tmp_path / "a.ts", film(), gop=GOP))) as container:
        packets = [each for each in container.demux(container.streams.video[0]) if each.size]

    def told() -> Iterator["Packet[VideoStream]"]:
        for number, packet in enumerate(packets):
            if number == 3:
                text = f"Packet corrupt (stream = {stream}, dts = 1)."
                av.logging.log(av.logging.WARNING, "mpegts", text)
            yield packet

    assert list(judged_packets(told(), None, None, Watch())) == packets
    assert losses == [packets[number].pts for number in lost]


def begins(packet: bytes) -> bool:
    """Tell whether a packet of MPEG-TS is the first of a picture (ISO/IEC 13818-1, 2.4.3)."""
    return packet[1:3] == bytes([BEGINS | VIDEO_PID >> 8, VIDEO_PID & 0xFF])


def test_what_is_lost_of_a_broadcast_is_known(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "whole.ts", film(), gop=GOP)
    content = whole.read_bytes()
    packets = [content[at : at + 188] for at in range(0, len(content), 188)]
    third = len(packets) // 3
    (tmp_path / "a.ts").write_bytes(b"".join(packets[:third] + packets[third + 3 :]))
    errors = [each for each, _ in decoded(tmp_path / "a.ts").values()]
    assert errors[0] == errors[-1] == 0
    assert any(errors)
