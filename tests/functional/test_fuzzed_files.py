"""Damaged files at the doors that read them: refused in a sentence, or read."""

from collections.abc import Callable
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet
import pytest
from django.db import transaction

from experiments.annotation.import_comments import propose_from
from experiments.errors import CoverliftError
from experiments.events.transfer.export_events import export_events
from experiments.events.transfer.import_events import import_events
from experiments.making.server_files import bring_table
from experiments.models import Experiment
from experiments.studies.historical.analysis import analyse
from experiments.studies.historical.reading import read_counts
from server.pages.archives import UNREADABLE
from tests.benchmarks.damage import Chance, Door, damaged, kept, run
from tests.experiments.beacons import visit
from tests.experiments.studies.historical.made_up import Truth, draw, write_as_upworthy
from tests.experiments.world import make_experiment
from thumbnailer.errors import ThumbnailerError
from thumbnailer.training.datasets.danmaku import read_danmaku

pytestmark = [pytest.mark.functional, pytest.mark.django_db(transaction=True)]
TURNS = 150  # in the suite
REFUSED = (CoverliftError, ThumbnailerError)
COMMENTS = b"""<?xml version="1.0" encoding="UTF-8"?>
<i><chatserver>chat</chatserver>
<d p="1.5,1,25,16777215,1422201001,0,hash,1">first</d>
<d p="3.25,4,25,16777215,1422201002,0,hash,2">&amp; more</d>
<d p="99,1,25,0,0,0,h,3">late</d></i>"""
CURVE = b'{"v0": [0, 1, 2.5, 7, 3, 0, 0, 4, 9, 1], "none": [1]}'
TABLE = b"file,title,licence,source,image\na.mp4,A film,CC0,here,\nb/c.webm,B,,,p.png\n"


def file_door(
    good: bytes,
    suffix: str,
    read: Callable[[Path], object],
    refused: tuple[type[Exception], ...] = REFUSED,
    weight: int = 1,
) -> Door:
    """Return a door that is given damaged copies of a good file; nothing that it stores stays.

    Args:
        good: the file.
        suffix: of its name.
        read: the reader.
        refused: what it raises where it refuses one.
        weight: how often it is tried, beside the others: as often as it is quick.
    """

    def take(chance: Chance) -> str:
        path = kept(f"input{suffix}", damaged(good, chance))
        with transaction.atomic():
            try:
                read(path)
            except refused as error:
                return type(error).__name__ if str(error) else "without a sentence"
            finally:
                transaction.set_rollback(True)
        return "read"

    return Door(take, weight)


def judge(path: Path) -> None:
    analyse(read_counts(path).archive)


def table(path: Path) -> None:
    bring_table(path.read_bytes().decode(errors="replace"), who="ann")


def events_files(folder: Path) -> dict[str, bytes]:
    """Return a file of real events, in each format."""
    make_experiment(videos=3)
    for viewer in ("ann", "bea", "cyd"):
        visit(viewer)
    paths = [folder / f"events{suffix}" for suffix in (".csv", ".parquet", ".jsonl")]
    for path in paths:
        export_events(Experiment.objects.get(), path)
    return {path.suffix: path.read_bytes() for path in paths}


def counts_files(folder: Path) -> dict[str, bytes]:
    """Return a file of old tests' counts, in each format."""
    text, columns = folder / "counts.csv", folder / "counts.parquet"
    write_as_upworthy(draw(Truth(tests=4), seed=1)[0], text)
    pyarrow.parquet.write_table(pyarrow.csv.read_csv(text), columns)
    return {path.suffix: path.read_bytes() for path in (text, columns)}


def test_no_damaged_file_breaks_who_reads_it(tmp_path: Path) -> None:
    doors = {
        f"events{suffix}": file_door(good, suffix, import_events, weight=4)
        for suffix, good in events_files(tmp_path).items()
    }
    for suffix, good in counts_files(tmp_path).items():
        weight = 4 if suffix == ".parquet" else 1
        doors[f"counts{suffix}"] = file_door(good, suffix, judge, UNREADABLE, weight)
    doors["table.csv"] = file_door(TABLE, ".table.csv", table, weight=10)
    doors["comments.json"] = file_door(CURVE, ".json", propose_from, weight=20)
    doors["comments.xml"] = file_door(COMMENTS, ".xml", lambda p: read_danmaku(p, 60), weight=40)
    seen = run(doors, TURNS)
    assert seen.faults == {}
    assert "without a sentence" not in {answer for _, answer in seen.answers}
