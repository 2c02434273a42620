"""Files are told by their first bytes."""

from pathlib import Path

import pytest

from experiments.making.containers import KINDS, kind_of, lie
from experiments.making.video_import import SUFFIXES
from tests.clips import write_clip


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm", ".avi"])
def test_real_films_are_what_they_say(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"film{suffix}"
    write_clip(path, seconds=1)
    first_bytes = path.read_bytes()[:512]
    kind = kind_of(first_bytes)
    assert kind is not None
    assert suffix in kind.suffixes
    assert lie(path.name, first_bytes) == ""
    other = ".avi" if suffix != ".avi" else ".mkv"
    said = lie(f"film{other}", first_bytes)
    assert said.startswith(f"film{other} is {kind.name}, not what its name says: call it ")
    assert suffix in said


@pytest.mark.parametrize(
    ("first_bytes", "what"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG picture"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG picture"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "a WebP picture"),
        (b"RIFF\0\0\0\0WAVEfmt ", "sound alone"),
        (b"%PDF-1.7\n\xe2\xe3", "a PDF document"),
        (b"PK\x03\x04\x14\0\0\0", "a ZIP archive"),
        (b"\x7fELF\x02\x01\x01\0", "a program"),
        (b"<!doctype html><script>alert(1)</script>", "text"),
        ("Größe\tund\r\nMaß".encode(), "text"),
    ],
)
def test_what_is_no_film_is_called_by_its_name(first_bytes: bytes, what: str) -> None:
    assert lie("film.mp4", first_bytes) == f"film.mp4 is {what}, no video"


@pytest.mark.parametrize("first_bytes", [b"", b"\0" * 512, bytes(range(256))])
def test_what_is_not_known_is_left_to_the_decoder(first_bytes: bytes) -> None:
    assert kind_of(first_bytes) is None
    assert lie("film.mp4", first_bytes) == ""


@pytest.mark.parametrize(
    ("suffix", "first_bytes"),
    [
        (".apng", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(21) + b"acTL"),
        (".nut", b"nut/multimedia container\0"),
        (".y4m", b"YUV4MPEG2 W160 H90 F10:1\nFRAME\n" + b"\xc8" * 500),  # bright: like a text
    ],
)
def test_rare_films_are_taken_by_their_own_name_alone(suffix: str, first_bytes: bytes) -> None:
    assert lie(f"film{suffix}", first_bytes) == ""
    assert lie("film.mp4", first_bytes).endswith(f"not what its name says: call it {suffix}")
    assert (
        lie("film.apng", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR") == "film.apng is a PNG picture, no video"
    )


def test_every_suffix_of_a_kind_is_one_that_is_taken() -> None:
    assert {suffix for kind in KINDS for suffix in kind.suffixes} <= SUFFIXES
