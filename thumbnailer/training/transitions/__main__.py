"""Training of it: ``python -m thumbnailer.training.transitions --videos FOLDER --out FILE``."""

import argparse
import csv
import sys
from collections import defaultdict
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import torch

from thumbnailer.errors import BadTrainingDataError, ThumbnailerError
from thumbnailer.training.transitions.films import Footage, read_footage
from thumbnailer.training.transitions.fit import fit, known, lessons, save
from thumbnailer.video.fitness import LEAST_CHANCE

KNOWN = Path(__file__).parent / "known.csv"
ENDINGS = {".mp4", ".webm", ".mkv", ".mov", ".ogv"}
LEAST_VIDEOS = 2
FILMS, EPOCHS, SEED = 7000, 25, 0


def main(arguments: list[str]) -> int:
    """Train, print what is known of other videos, write the weights; 1 where data is at fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--videos", type=Path, required=True, help="a folder of videos")
    parser.add_argument("--known", type=Path, default=KNOWN, help="their own transitions, as CSV")
    parser.add_argument("--out", type=Path, required=True, help="the weights file, .npz")
    parser.add_argument("--films", type=int, default=FILMS)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    try:
        footage = _footage(options.videos, read_known_s(options.known))
    except ThumbnailerError as error:
        print(error, file=sys.stderr)
        return 1
    _print_known_of_others(footage, options.films // 2)
    save(fit(lessons(footage, options.films, SEED), EPOCHS, SEED), options.out)
    print(f"{sha256(options.out.read_bytes()).hexdigest()}  {options.out.name}")
    return 0


def _print_known_of_others(footage: Sequence[Footage], films: int) -> None:
    """Print what a network of each half of the videos says of the other half."""
    print("of videos it has not seen, shares called mixed: of transitions, of all in other films")
    halves = footage[::2], footage[1::2]
    for taught, tested in (halves, halves[::-1]):
        network = fit(lessons(taught, films, SEED), EPOCHS, SEED)
        shares = known(network, lessons(tested, max(1, films // 10), SEED + 1), LEAST_CHANCE)
        print(*(f"{kind} {share:.3f}" for kind, share in shares.items()), sep=", ", flush=True)


def _footage(folder: Path, known_s: dict[str, list[tuple[float, float]]]) -> list[Footage]:
    paths = sorted(path for path in folder.glob("*") if path.suffix in ENDINGS)
    if len(paths) < LEAST_VIDEOS:
        raise BadTrainingDataError(
            f"{folder} holds {len(paths)} videos: put {LEAST_VIDEOS} or more there, "
            f"{', '.join(sorted(ENDINGS))}"
        )
    return [read_footage(path, known_s[path.name]) for path in paths]


def read_known_s(path: Path) -> dict[str, list[tuple[float, float]]]:
    """Return from when to when videos have transitions of their own, by their files' names."""
    known_s: dict[str, list[tuple[float, float]]] = defaultdict(list)
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            known_s[row["video"]].append((float(row["from_s"]), float(row["to_s"])))
    return known_s


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
