import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
from PIL import Image

from tests.thumbnailer.clips import black, scenes, write_clip
from thumbnailer.contact_sheet.__main__ import main
from thumbnailer.contact_sheet.section import SHOWN
from thumbnailer.features.efficientnet_lite import MANIFEST
from thumbnailer.selection.parts.checkpoint import save_checkpoint
from thumbnailer.selection.ranknet import RankNetConfig, RankNetNetwork


class Pictures:
    """The pictures that a page shows."""

    def __init__(self, html: str) -> None:
        self.names = [unquote(part.split('"')[0]) for part in html.split('src="')[1:]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    videos = tmp_path / "videos"
    videos.mkdir()
    write_clip(videos / "a & b?.mp4", scenes([3, 3, 3]))
    write_clip(videos / "dark.mp4", black(48))
    write_clip(videos / "short.mp4", scenes([0.5]))
    (videos / "notes.txt").write_text("no video")
    return videos


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    monkeypatch.setattr(sys, "argv", ["contact_sheet", *map(str, arguments)])
    main()


def test_every_video_and_selector_is_on_the_page(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    run(monkeypatch, folder, "--out", out, "--selectors", "uniform", "raw")
    html = (out / "index.html").read_text()
    assert "a &amp; b?.mp4" in html
    assert "<b>uniform</b> at 3 s, 4 s, 5 s" in html or "<b>uniform</b> at 2 s" in html
    assert "notes.txt is no video file that is accepted" in html
    assert "4 files, 6 choices" in html
    assert html.count("<small>avif</small>") == 3
    pictures = Pictures(html).names
    files = len(SHOWN) + 1  # and the still
    assert len(pictures) == 3 * (1 + (1 + files) + (1 + 1))
    for name in pictures:
        with Image.open(out / name) as image:
            image.load()


def test_faults_are_named(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(monkeypatch, folder, "--out", tmp_path / "out", "--selectors", "uniform")
    html = (tmp_path / "out/index.html").read_text()
    assert "(dark, flat)" in html
    assert html.count("(dark, flat)") == 3


def test_no_folder_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit):
        run(monkeypatch, tmp_path / "none")


def test_other_weights_choose_beside_the_shipped(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.pt"
    network = RankNetNetwork(RankNetConfig())  # what it begins with: it has learned nothing
    save_checkpoint(other, "ranknet", network.config, network, MANIFEST, training={})
    run(
        monkeypatch,
        *(folder, "--out", tmp_path / "out", "--selectors", "ranknet"),
        *("--weights", f"ranknet={other}"),
    )
    html = (tmp_path / "out/index.html").read_text()
    assert html.count("<b>ranknet</b>") == html.count(f"<b>ranknet by {other}</b>") == 3


@pytest.mark.parametrize("given", ["other.pt", "hecate=other.pt", "ranknet=", "ranknet=none.pt"])
def test_weights_that_cannot_be_had_are_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], given: str
) -> None:
    with pytest.raises(SystemExit):
        run(monkeypatch, folder, "--weights", given)
    assert given.removeprefix("ranknet=") in capsys.readouterr().err
