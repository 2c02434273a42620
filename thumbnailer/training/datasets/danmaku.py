"""Bilibili's time-sync comments (danmaku): from its XML to comments a second.

    <i> <d p="23.8,1,25,16777215,1422201001,0,hash,id">text</d> ... </i>

The first number is the second of the video, the second how it is shown: 1 to 6 are remarks that
pass by or stand still, 7 to 9 pictures and programs.
"""

import argparse
import json
import sys
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from xml.parsers import expat

import numpy as np
from numpy.typing import NDArray

from thumbnailer.errors import BadTrainingDataError, ThumbnailerError
from thumbnailer.training.datasets.labels import Defect

REMARKS = {1, 2, 3, 4, 5, 6}


@dataclass(frozen=True, slots=True)
class Danmaku:
    """The comments of one video.

    Attributes:
        counts: (n,) int64 comments of each second.
        passed_over: comments that are no remark, or have no text.
        defects: comments that make no sense, by their line in the file.
    """

    counts: NDArray[np.int64]
    passed_over: int
    defects: tuple[Defect, ...]


def read_danmaku(path: Path, seconds: int) -> Danmaku:
    """Count the remarks of each of the video's ``seconds``.

    Raises:
        BadTrainingDataError: where the file is no XML, or declares entities of its own.
    """
    counts, passed_over, defects = np.zeros(seconds, dtype=np.int64), 0, []
    for line, fields, text in _comments(path):
        try:
            second, kind = _second_and_kind(fields, seconds)
        except ValueError as error:
            defects.append(Defect(f"line {line}", str(error)))
            continue
        if kind in REMARKS and text.strip():
            counts[second] += 1
        else:
            passed_over += 1
    return Danmaku(counts, passed_over, tuple(defects))


def _second_and_kind(fields: str, seconds: int) -> tuple[int, int]:
    try:
        time_text, kind_text, *_ = fields.split(",")
        time_s, kind = float(time_text), int(kind_text)
    except ValueError:
        raise ValueError(f"p == {fields!r}, must begin with a time and a kind") from None
    if not isfinite(time_s) or not 0 <= time_s < seconds:
        raise ValueError(f"its time is {time_s:g} s, must lie within the video's {seconds} s")
    return int(time_s), kind


def _comments(path: Path) -> list[tuple[int, str, str]]:
    """Return (line, p, text) of each <d>."""
    found: list[tuple[int, str, list[str]]] = []
    parser = expat.ParserCreate()

    def begin(name: str, attributes: dict[str, str]) -> None:
        if name == "d":
            found.append((parser.CurrentLineNumber, attributes.get("p", ""), []))
            parser.CharacterDataHandler = found[-1][2].append

    def end(name: str) -> None:
        if name == "d":
            parser.CharacterDataHandler = None

    def refuse(name: str, *_: object) -> None:
        raise BadTrainingDataError(f"{path} declares the entity {name!r}: comments need none")

    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(path.read_bytes(), True)  # noqa: FBT003  expat's: this is all of it
    except (OSError, expat.ExpatError, LookupError, ValueError) as error:  # or its encoding
        raise BadTrainingDataError(f"{path} cannot be read as XML: {error}") from error
    return [(line, fields, "".join(text)) for line, fields, text in found]


def main(arguments: list[str]) -> int:
    """Print {video: counts} as JSON, and what was left out on the error stream."""
    parser = argparse.ArgumentParser(description="Comments a second of a danmaku XML file, as JSON")
    parser.add_argument("file", type=Path)
    parser.add_argument("--video", required=True, help="its key in the data set")
    parser.add_argument("--seconds", type=int, required=True, help="how long the video lasts")
    options = parser.parse_args(arguments)
    try:
        found = read_danmaku(options.file, options.seconds)
    except ThumbnailerError as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps({options.video: found.counts.tolist()}))
    for defect in found.defects:
        print(f"left out: {defect.record}: {defect.reason}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
