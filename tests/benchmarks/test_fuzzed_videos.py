"""Ten thousand damaged films, in child processes with limits, and what their pictures show.

A run goes on where the last one stopped (`var/fuzz`); COVERLIFT_FUZZ_S bounds it,
COVERLIFT_FUZZ_SEED takes other damages. What ends badly is kept in `var/fuzz`.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from time import monotonic

import pytest

from tests.benchmarks.damaged_pictures import foreign_share, write_films, write_reference
from tests.thumbnailer.mutations import make_thumbnail, mutant, shortened
from thumbnailer.errors import ThumbnailerError
from thumbnailer.sandbox.client import Sandbox
from thumbnailer.sandbox.limits import Limits

pytestmark = pytest.mark.benchmark

MUTATIONS = 10_000
IN_A_CHILD = 25  # one after the other; each alone where one of them ends the child
BOUND_S = float(os.environ.get("COVERLIFT_FUZZ_S") or 600)
SEED = int(os.environ.get("COVERLIFT_FUZZ_SEED") or 0)
KEPT = Path("var/fuzz")
LIMITS = Limits(time_s=200, memory_mb=1024)  # by the clock, too, of a machine that may be busy
BAD = {"crashed", "time_limit", "memory_limit"}
MADE = "made"
SOURCES = ("big_buck_bunny_60s.mp4", "mdn_toys_concat_50s.mp4", "tears_of_steel_17s.webm")

Make = Callable[[str], float]  # of a path
Outcome = tuple[str, float]  # "made" or what went wrong; the share of a picture that is foreign
Row = tuple[str, str, float]  # the film's name, and the outcome


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


def test_real_clips(sandbox: Sandbox, shared_videos: Path, tmp_path: Path) -> None:
    films = {
        path.name: shortened(path, tmp_path).read_bytes()
        for path in sorted(shared_videos.iterdir())
    }
    assert_none_is_bad(fuzzed(sandbox, "clips", films, tmp_path, make_thumbnail))


def test_pictures(sandbox: Sandbox, shared_videos: Path, tmp_path: Path) -> None:
    films = {}
    for number, source in enumerate(SOURCES):
        (folder := tmp_path / str(number)).mkdir()
        for name, film in write_films(shared_videos / source, folder).items():
            films[f"{number}.{name}"] = film.read_bytes()
            write_reference(film, tmp_path / f"{number}.{name}.npy")
    make = partial(foreign_share, references=str(tmp_path))
    rows = fuzzed(sandbox, "pictures", films, tmp_path, make)
    assert_none_is_bad(rows)
    for kind in sorted({name.partition(".")[2] for name, *_ in rows}):
        shares = [share for name, code, share in rows if code == MADE and name.endswith(kind)]
        foreign, tenths = (sum(share > limit for share in shares) for limit in (0, 0.1))
        print(f"  {kind:10} {len(shares):5} made, {foreign:4} foreign, {tenths:4} by a tenth")


def fuzzed(
    sandbox: Sandbox, kind: str, films: dict[str, bytes], folder: Path, make: Make
) -> list[Row]:
    """Go on with the mutations of these films until time is up; return what came of all so far."""
    KEPT.mkdir(parents=True, exist_ok=True)
    digest = sha256(b"".join(films.values())).hexdigest()[:8]
    log, until_s = KEPT / f"{kind}-{digest}-{SEED}.jsonl", monotonic() + BOUND_S
    rows: list[Row] = _so_far(log)
    with log.open("a", buffering=1) as file:
        while len(rows) < MUTATIONS and monotonic() < until_s:
            first, last = len(rows), min(MUTATIONS, len(rows) + IN_A_CHILD)
            paths = [_write_mutant(films, number, folder) for number in range(first, last)]
            for path, outcome in zip(paths, _in_a_child(sandbox, paths, make), strict=True):
                if _is_bad(outcome[0]):
                    (KEPT / f"{kind}-{SEED}-{path.name}").write_bytes(path.read_bytes())
                rows.append((path.name.partition("-")[2], *outcome))
                file.write(json.dumps(rows[-1]) + "\n")
                path.unlink()
    print(f"\n{kind}: {len(rows)} of {MUTATIONS} mutations so far")
    print(dict(Counter(code for _, code, _ in rows)))
    return rows


def _so_far(log: Path) -> list[Row]:
    lines = log.read_text().splitlines() if log.exists() else []
    return [tuple(json.loads(line)) for line in lines]


def _write_mutant(films: dict[str, bytes], number: int, folder: Path) -> Path:
    chosen, content = mutant(list(films.values()), SEED, number)
    path = folder / f"{number}-{list(films)[chosen]}"
    path.write_bytes(content)
    return path


def _in_a_child(sandbox: Sandbox, paths: list[Path], make: Make) -> list[Outcome]:
    """Return the outcomes of a child that makes them all, or of one for each where it ends."""
    try:
        return sandbox.run(LIMITS, outcomes, [str(path) for path in paths], make)
    except ThumbnailerError as error:
        if len(paths) == 1:
            return [(error.code, 0.0)]
        return [outcome for path in paths for outcome in _in_a_child(sandbox, [path], make)]


def outcomes(paths: list[str], make: Make) -> list[Outcome]:
    """Make a thumbnail of each film; an error that is not ours is told by its name and text."""
    return [_outcome(path, make) for path in paths]


def _outcome(path: str, make: Make) -> Outcome:
    try:
        return MADE, make(path)
    except ThumbnailerError as error:
        return error.code, 0.0
    except Exception as error:  # noqa: BLE001  what must not happen is counted and kept
        return f"{type(error).__name__}: {error}", 0.0


def assert_none_is_bad(rows: list[Row]) -> None:
    assert not [row for row in rows if _is_bad(row[1])]


def _is_bad(code: str) -> bool:
    return code in BAD or ":" in code
