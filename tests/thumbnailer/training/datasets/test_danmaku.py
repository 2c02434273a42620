from pathlib import Path

import pytest

from thumbnailer.errors import BadTrainingDataError
from thumbnailer.training.datasets.danmaku import main, read_danmaku


def write(folder: Path, *comments: str) -> Path:
    path = folder / "a.xml"
    text = "".join(comments)
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n<i><chatid>1</chatid>{text}</i>')
    return path


def comment(time_s: object, kind: object = 1, text: str = "哈哈") -> str:
    return f'\n<d p="{time_s},{kind},25,16777215,1422201001,0,a1b2,9">{text}</d>'


def test_remarks_are_counted_by_second(tmp_path: Path) -> None:
    found = read_danmaku(
        write(tmp_path, comment(0.2), comment(2.0), comment(2.99, 4), comment(4.5, 5)), 5
    )
    assert found.counts.tolist() == [1, 0, 2, 0, 1]
    assert found.defects == ()


def test_programs_and_empty_texts_are_no_remarks(tmp_path: Path) -> None:
    path = write(tmp_path, comment(1, 7), comment(1, 8), comment(1, 1, "  "), comment(1))
    found = read_danmaku(path, 3)
    assert found.counts.tolist() == [0, 1, 0]
    assert found.passed_over == 3


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (comment(3.0), "its time is 3 s, must lie within the video's 3 s"),
        (comment(-1), "its time is -1 s"),
        (comment("nan"), "its time is nan s"),
        (comment("soon"), "must begin with a time and a kind"),
        (comment(1, "x"), "must begin with a time and a kind"),
        ("\n<d>no attribute</d>", "p == '', must begin"),
        ('\n<d p="1">half</d>', "p == '1', must begin"),
    ],
)
def test_a_comment_that_makes_no_sense_is_listed_by_its_line(
    tmp_path: Path, broken: str, reason: str
) -> None:
    found = read_danmaku(write(tmp_path, comment(1), broken), 3)
    assert found.counts.tolist() == [0, 1, 0]
    [defect] = found.defects
    assert defect.record == "line 4"
    assert reason in defect.reason


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<i><d p='1,1'>",
        b"\x00\xff",
        b"no xml",
        b"<?xml version='1.0' encoding='UNTF-8'?><i/>",
    ],
)
def test_a_file_that_is_no_xml_is_an_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.xml").write_bytes(content)
    with pytest.raises(BadTrainingDataError, match=r"a\.xml cannot be read as XML"):
        read_danmaku(tmp_path / "a.xml", 3)


def test_entities_are_refused_before_they_grow(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text('<!DOCTYPE i [<!ENTITY a "aaaa">]><i><d p="1,1">&a;</d></i>')
    with pytest.raises(BadTrainingDataError, match="declares the entity 'a'"):
        read_danmaku(tmp_path / "a.xml", 3)


def test_the_command_prints_json_and_what_was_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path, comment(1), comment(9))
    assert main([str(path), "--video", "v", "--seconds", "3"]) == 0
    printed = capsys.readouterr()
    assert printed.out == '{"v": [0, 1, 0]}\n'
    assert printed.err.startswith("left out: line 4: its time is 9 s")
    assert main([str(tmp_path / "none.xml"), "--video", "v", "--seconds", "3"]) == 1
