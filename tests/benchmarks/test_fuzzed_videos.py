"""Ten thousand damaged films, each in a child process with limits, and what their pictures show.

A run goes on where the last one stopped (`var/fuzz`); COVERLIFT_FUZZ_S bounds it,
COVERLIFT_FUZZ_SEED takes other damages. What ends badly is kept in `var/fuzz`.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
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
BOUND_S = float(os.environ.get("COVERLIFT_FUZZ_S") or 600)
SEED = int(os.environ.get("COVERLIFT_FUZZ_SEED") or 0)
KEPT = Path("var/fuzz")
LIMITS = Limits(time_s=200, memory_mb=1024)  # by the clock, too, of a machine that may be busy
BAD = {"crashed", "time_limit", "memory_limit"}
MADE = "made"
SOURCES = ("big_buck_bunny_60s.mp4", "mdn_toys_concat_50s.mp4", "tears_of_steel_17s.webm")

Row = tuple[str, str, float]  # the film's name, the outcome, the share of a picture that is foreign


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
    rows = fuzzed(
        "clips", films, tmp_path, lambda path, _: sandbox.run(LIMITS, make_thumbnail, path)
    )
    assert_none_is_bad(rows)


def test_pictures(sandbox: Sandbox, shared_videos: Path, tmp_path: Path) -> None:
    films = {}
    for number, source in enumerate(SOURCES):
        (folder := tmp_path / str(number)).mkdir()
        for name, film in write_films(shared_videos / source, folder).items():
            films[f"{number}.{name}"] = film.read_bytes()
            write_reference(film, tmp_path / f"{number}.{name}.npy")
    rows = fuzzed(
        "pictures",
        films,
        tmp_path,
        lambda path, name: sandbox.run(LIMITS, foreign_share, path, str(tmp_path / f"{name}.npy")),
    )
    assert_none_is_bad(rows)
    for kind in sorted({name.partition(".")[2] for name, *_ in rows}):
        shares = [share for name, code, share in rows if code == MADE and name.endswith(kind)]
        foreign, tenths = (sum(share > limit for share in shares) for limit in (0, 0.1))
        print(f"  {kind:10} {len(shares):5} made, {foreign:4} foreign, {tenths:4} by a tenth")


def fuzzed(
    kind: str, films: dict[str, bytes], folder: Path, make: Callable[[str, str], float]
) -> list[Row]:
    """Go on with the mutations of this kind until time is up; return what came of all so far."""
    KEPT.mkdir(parents=True, exist_ok=True)
    log, until_s = KEPT / f"{kind}-{SEED}.jsonl", monotonic() + BOUND_S
    rows: list[Row] = [tuple(json.loads(line)) for line in log.open()] if log.exists() else []
    names = list(films)
    with log.open("a", buffering=1) as file:
        while len(rows) < MUTATIONS and monotonic() < until_s:
            chosen, content = mutant(list(films.values()), SEED, len(rows))
            path = folder / f"mutant-{names[chosen]}"
            path.write_bytes(content)
            code, share = _outcome(make, str(path), names[chosen])
            if _is_bad(code):
                (KEPT / f"{kind}-{SEED}-{len(rows)}-{names[chosen]}").write_bytes(content)
            rows.append((names[chosen], code, share))
            file.write(json.dumps(rows[-1]) + "\n")
    print(f"\n{kind}: {len(rows)} of {MUTATIONS} mutations so far")
    print(dict(Counter(code for _, code, _ in rows)))
    return rows


def assert_none_is_bad(rows: list[Row]) -> None:
    assert not [row for row in rows if _is_bad(row[1])]


def _is_bad(code: str) -> bool:
    return code in BAD or ":" in code


def _outcome(make: Callable[[str, str], float], path: str, name: str) -> tuple[str, float]:
    try:
        return MADE, make(path, name)
    except ThumbnailerError as error:
        return error.code, 0.0
    except Exception as error:  # noqa: BLE001  what must not happen is counted and kept
        return f"{type(error).__name__}: {error}", 0.0
