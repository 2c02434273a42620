"""``python -m thumbnailer.training.datasets FOLDER``: what labels hold, and what is left out."""

import argparse
import sys
from pathlib import Path

from thumbnailer.errors import ThumbnailerError
from thumbnailer.training.datasets.gif_thumbnails import CATALOGUE, read_catalogue
from thumbnailer.training.datasets.labels import Defect
from thumbnailer.training.datasets.load import read_labels


def main(arguments: list[str]) -> int:
    """Print them; 1 where the folder cannot be read at all."""
    parser = argparse.ArgumentParser(description="Check a data set's labels")
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args(arguments).folder
    try:
        labels = read_labels(folder)
        defects = labels.defects
        gifs = sum(len(video.gifs) for video in labels.videos)
        seconds = sum(len(video.counts) for video in labels.videos)
        print(f"{len(labels.videos)} videos, {seconds / 3600:.1f} h, {gifs} GIFs")
        if (folder / CATALOGUE).is_file():
            defects += _print_catalogue(folder / CATALOGUE)
    except ThumbnailerError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(defects)} records left out")
    for defect in defects:
        print(f"  {defect.record}: {defect.reason}")
    return 0


def _print_catalogue(path: Path) -> tuple[Defect, ...]:
    videos, defects = read_catalogue(path)
    hours = sum(video.seconds for video in videos) / 3600
    print(f"{len(videos)} videos without annotations, {hours:.1f} h")
    return defects


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
