"""`python -m thumbnailer.contact_sheet FOLDER`: look at what is made of every video in a folder."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import torch
from tqdm import tqdm

from thumbnailer.contact_sheet.page import page
from thumbnailer.contact_sheet.section import Section, section_of
from thumbnailer.errors import VideoError
from thumbnailer.registry import SELECTORS


def main() -> None:
    """Write `index.html` and the pictures that it shows."""
    parser = argparse.ArgumentParser(prog="thumbnailer.contact_sheet", description=__doc__)
    parser.add_argument("folder", type=Path, help="videos, and whatever else lies there")
    parser.add_argument("--out", type=Path, default=Path("var/contact_sheet"))
    parser.add_argument("--selectors", nargs="+", choices=SELECTORS, metavar="NAME")
    options = parser.parse_args()
    if not options.folder.is_dir():
        parser.error(f"{options.folder} is no folder")
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    files = sorted(path for path in options.folder.iterdir() if path.is_file())
    sections = _sections(files, options.selectors or tuple(SELECTORS), options.out)
    index = options.out / "index.html"
    index.write_text(page(list(sections)), encoding="utf-8")
    sys.stdout.write(f"{index.resolve()}\n")


def _sections(files: list[Path], selectors: tuple[str, ...], out: Path) -> Iterator[Section]:
    for path in tqdm(files, unit="video"):
        try:
            yield section_of(path, selectors, out)
        except VideoError as error:
            yield Section(path.name, str(error), "", ())


if __name__ == "__main__":
    main()
