"""A file of rows becomes a table of text: its encoding and separator are found out, or refused."""

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from experiments.errors import CountsError

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
SEPARATORS = (",", ";", "\t", "|")
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_SEP_LINE = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is no data, and why."""

    row: int
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """The rows of a file.

    Attributes:
        table: its rows; those of a text file as text, so that each can be shown as it was written.
        broken: rows that have too few or too many cells; they are not in the table.
        notes: what was found out of the file, in sentences; empty where it is as usual.
    """

    table: pa.Table
    broken: tuple[Refused, ...] = ()
    notes: tuple[str, ...] = ()


def read_sheet(path: Path) -> Sheet:
    """Read a CSV file of any usual separator and encoding, or a Parquet file.

    Raises:
        CountsError: where it is neither, or its encoding cannot be told.
        pyarrow.ArrowException, OSError: where it cannot be read.
    """
    suffix = path.suffix.lower()
    if suffix in TEXT_SUFFIXES:
        return _text_sheet(path)
    if suffix == ".parquet":
        return Sheet(_parquet(path))
    raise CountsError(f"{path.name} must end in {', '.join(TEXT_SUFFIXES)} or .parquet")


def _parquet(path: Path) -> pa.Table:
    table = pa.parquet.read_table(path)
    try:
        table.validate(full=True)
        list(table.column_names)  # read as text only when they are asked for
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise CountsError(f"{path.name} holds a text that is no UTF-8: {error}") from error
    return table


def _text_sheet(path: Path) -> Sheet:
    text, notes = _decode(path.read_bytes(), path.name)
    told = _SEP_LINE.match(text)
    if told:  # what Excel writes before the header
        text = text[told.end() :]
    names, separator = _header(text, told[1] if told else "")
    broken: list[Refused] = []

    def note(row: pyarrow.csv.InvalidRow) -> str:
        # The header is row 1 of the parser's.
        cells = f"{row.actual_columns} cells, must be {row.expected_columns}"
        broken.append(Refused(row.number - 1, cells))
        return "skip"

    table = pyarrow.csv.read_csv(
        io.BytesIO(text.encode()),
        # One thread: only then are the numbers of broken rows known.
        read_options=pyarrow.csv.ReadOptions(use_threads=False),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter=separator, newlines_in_values=True, invalid_row_handler=note
        ),
        convert_options=pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
    )
    return Sheet(table, tuple(broken), notes)


def _decode(content: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """Return a file's text, and a note where it is not in UTF-8."""
    if content.startswith(UTF_16_MARKS):
        return content.decode("utf-16"), ("Read as UTF-16",)
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        pass
    if b"\0" not in content:  # as it is in UTF-16 without its mark
        try:
            return content.decode("cp1252"), ("Read as Latin-1 (Windows-1252): it is not UTF-8",)
        except UnicodeDecodeError:
            pass
    raise CountsError(f"{name} is neither UTF-8, UTF-16 nor Latin-1: save it as UTF-8")


def _header(text: str, told: str) -> tuple[list[str], str]:
    """Return the names of the columns and what separates them: as told, or what gives most."""

    def names(separator: str) -> list[str]:
        return next(csv.reader(io.StringIO(text), delimiter=separator), [])

    separator = told or max(SEPARATORS, key=lambda each: len(names(each)))
    return names(separator), separator
