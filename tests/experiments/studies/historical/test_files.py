"""Text files as people have them: separators, encodings, broken rows."""

from pathlib import Path

import pytest

from experiments.errors import CountsError
from experiments.studies.historical.files import Sheet, read_sheet

HEAD = "test,arm,impressions,clicks\n"
TEXT = HEAD + "été,a,1000,50\nété,b,1000,70\n"


def sheet(folder: Path, content: bytes, name: str = "counts.csv") -> Sheet:
    (folder / name).write_bytes(content)
    return read_sheet(folder / name)


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (TEXT.encode(), ""),
        (TEXT.encode("utf-8-sig"), ""),
        (TEXT.encode("utf-16"), "Read as UTF-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "Read as UTF-16"),
        (TEXT.encode("latin-1"), "Read as Latin-1"),
        (TEXT.replace(",", ";").encode(), ""),
        (TEXT.replace(",", "\t").encode(), ""),
        (TEXT.replace(",", "|").encode(), ""),
        (b"sep=;\r\n" + TEXT.replace(",", ";").replace("\n", "\r\n").encode(), ""),
        (b'"sep=,"\n' + TEXT.encode(), ""),
    ],
)
def test_every_usual_text_file_gives_the_same_table(
    tmp_path: Path, content: bytes, note: str
) -> None:
    found = sheet(tmp_path, content)
    assert found.table.to_pydict() == {
        "test": ["été", "été"],
        "arm": ["a", "b"],
        "impressions": ["1000", "1000"],
        "clicks": ["50", "70"],
    }
    assert found.broken == ()
    assert "".join(found.notes).startswith(note)
    assert bool(found.notes) == bool(note)


def test_a_separator_that_is_told_goes_before_one_that_is_found(tmp_path: Path) -> None:
    assert sheet(tmp_path, b"sep=;\na,b,c;d\n1;2\n").table.column_names == ["a,b,c", "d"]


@pytest.mark.parametrize("suffix", ["tsv", "txt", "CSV"])
def test_other_suffixes_of_text_are_known(tmp_path: Path, suffix: str) -> None:
    assert sheet(tmp_path, b"a\tb\n1\t2\n", f"counts.{suffix}").table.num_rows == 1


@pytest.mark.parametrize("content", [TEXT.encode("utf-16-le"), b"test,arm\x81\n"])
def test_an_unknown_encoding_is_refused_with_the_remedy(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(CountsError, match=r"neither UTF-8, UTF-16 nor Latin-1: save it as UTF-8"):
        sheet(tmp_path, content)


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CountsError, match=r"must end in .csv, .tsv, .txt or .parquet"):
        sheet(tmp_path, b"", "counts.xlsx")
