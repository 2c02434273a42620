"""Kinds of files by their first bytes, which no suffix can contradict.

Bytes are compared and nothing is decoded, so that a file can be refused by its first piece. What
passes is no video yet: that only a decoder can tell.
"""

from dataclasses import dataclass
from pathlib import Path

LOOKED_AT_BYTES = 512
TEXT_BYTES = frozenset({*b"\t\n\r\f\x1b", *range(0x20, 0x7F), *range(0x80, 0x100)})


@dataclass(frozen=True, slots=True)
class Kind:
    """Files that begin alike.

    Attributes:
        name: with its article, as a person knows it.
        begins: the bytes that it may have...
        at: ...at this place.
        suffixes: of videos of the kind; empty where it is no video.
    """

    name: str
    begins: tuple[bytes, ...]
    at: int = 0
    suffixes: tuple[str, ...] = ()


KINDS = (
    Kind("an MP4 or QuickTime film", (b"ftyp", b"moov", b"mdat", b"wide", b"skip", b"pnot"), 4,
         (".mp4", ".m4v", ".mov", ".qt", ".3gp", ".3g2", ".f4v")),
    Kind("a Matroska or WebM film", (b"\x1a\x45\xdf\xa3",), 0, (".mkv", ".webm")),
    Kind("an AVI film", (b"AVI ",), 8, (".avi", ".divx")),
    Kind("a GIF", (b"GIF87a", b"GIF89a"), 0, (".gif",)),
    Kind("an Ogg film", (b"OggS",), 0, (".ogv", ".ogm")),
    Kind("a Flash film", (b"FLV\x01",), 0, (".flv",)),
    Kind("a Windows Media film", (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",), 0, (".wmv", ".asf")),
    Kind("an MXF film", (b"\x06\x0e\x2b\x34",), 0, (".mxf",)),
    Kind("a RealMedia film", (b".RMF",), 0, (".rm", ".rmvb")),
    Kind("an IVF film", (b"DKIF",), 0, (".ivf",)),
    Kind("an MPEG film", (b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3"), 0,
         (".mpg", ".mpeg", ".mpe", ".vob", ".m1v", ".m2v", ".mod", ".tod", ".mp4")),
    Kind("a NUT film", (b"nut/multimedia container",), 0, (".nut",)),
    Kind("uncompressed film", (b"YUV4MPEG2 ",), 0, (".y4m",)),
    Kind("an animated PNG", (b"acTL",), 37, (".apng",)),
    Kind("a PNG picture", (b"\x89PNG",)),
    Kind("a JPEG picture", (b"\xff\xd8\xff",)),
    Kind("a WebP picture", (b"WEBP",), 8),
    Kind("a PDF document", (b"%PDF",)),
    Kind("a ZIP archive", (b"PK\x03\x04",)),
    Kind("a program", (b"\x7fELF", b"MZ")),
    Kind("sound alone", (b"ID3", b"fLaC"),),
    Kind("sound alone", (b"WAVE",), 8),
)  # fmt: skip
TEXT = Kind("text", ())


def kind_of(first_bytes: bytes) -> Kind | None:
    """Return the kind of the file that begins like this; None for one that is not known."""
    for kind in KINDS:
        if first_bytes[kind.at :].startswith(kind.begins):
            return kind
    is_text = first_bytes and not set(first_bytes[:LOOKED_AT_BYTES]) - TEXT_BYTES
    return TEXT if is_text else None


def lie(name: str, first_bytes: bytes) -> str:
    """Return the sentence for a file that is not what its suffix says; "" where none is told."""
    kind, suffix = kind_of(first_bytes), Path(name).suffix.lower()
    if kind is None or suffix in kind.suffixes:
        return ""
    if not kind.suffixes:
        return f"{name} is {kind.name}, no video"
    return f"{name} is {kind.name}, not what its name says: call it {' or '.join(kind.suffixes)}"
