"""`python -m thumbnailer.contact_sheet FOLDER`: look at what is made of every video in a folder."""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import torch
from tqdm import tqdm

from thumbnailer.contact_sheet.page import page
from thumbnailer.contact_sheet.section import Section, section_of
from thumbnailer.errors import ThumbnailerError, VideoError
from thumbnailer.registry import SELECTORS, load_selector
from thumbnailer.selection.parts.base import Selector
from thumbnailer.training.runs import MODELS, load_selector_from


def main() -> None:
    """Write `index.html` and the pictures that it shows."""
    parser = argparse.ArgumentParser(prog="thumbnailer.contact_sheet", description=__doc__)
    parser.add_argument("folder", type=Path, help="videos, and whatever else lies there")
    parser.add_argument("--out", type=Path, default=Path("var/contact_sheet"))
    parser.add_argument("--selectors", nargs="+", choices=SELECTORS, metavar="NAME")
    parser.add_argument(
        "--weights",
        nargs="+",
        type=_weights,
        default=[],
        metavar="MODEL=FILE",
        help="other weights, such as new ones, beside the shipped: each chooses once more",
    )
    options = parser.parse_args()
    if not options.folder.is_dir():
        parser.error(f"{options.folder} is no folder")
    torch.set_num_threads(1)
    try:
        selectors = _selectors(options.selectors or tuple(SELECTORS), options.weights)
    except ThumbnailerError as error:
        parser.error(str(error))
    options.out.mkdir(parents=True, exist_ok=True)
    files = sorted(path for path in options.folder.iterdir() if path.is_file())
    sections = _sections(files, selectors, options.out)
    index = options.out / "index.html"
    index.write_text(page(list(sections)), encoding="utf-8")
    sys.stdout.write(f"{index.resolve()}\n")


def _weights(text: str) -> tuple[str, Path]:
    model, _, path = text.partition("=")
    if model not in MODELS or not path:
        raise argparse.ArgumentTypeError(
            f"{text} must be MODEL=FILE, with one of {', '.join(MODELS)}"
        )
    return model, Path(path)


def _selectors(names: Sequence[str], weights: Sequence[tuple[str, Path]]) -> dict[str, Selector]:
    """Return the selectors, and those of other weights, by what the page calls them.

    Raises:
        CheckpointMissingError: where weights are not there.
        CheckpointMismatchError: where they are damaged or another model's.
    """
    shipped = {name: load_selector(name) for name in names}
    others = {f"{model} by {path}": load_selector_from(model, path) for model, path in weights}
    return shipped | others


def _sections(files: list[Path], selectors: Mapping[str, Selector], out: Path) -> Iterator[Section]:
    for path in tqdm(files, unit="video"):
        try:
            yield section_of(path, selectors, out)
        except VideoError as error:
            yield Section(path.name, str(error), "", ())


if __name__ == "__main__":
    main()
