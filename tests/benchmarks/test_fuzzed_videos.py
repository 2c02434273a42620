"""Ten thousand damaged copies of the real clips, each in a child process with limits.

COVERLIFT_FUZZ_S bounds the time, COVERLIFT_FUZZ_SEED takes other damages. What ends badly is kept
in `var/fuzz`.
"""

import os
from collections import Counter
from pathlib import Path
from time import monotonic

import pytest

from tests.thumbnailer.mutations import make_thumbnail, mutants, shortened
from thumbnailer.errors import ThumbnailerError
from thumbnailer.sandbox.client import Sandbox
from thumbnailer.sandbox.limits import Limits

pytestmark = pytest.mark.benchmark

MUTATIONS = 10_000
LIMITS = Limits(time_s=20, memory_mb=1024)
BAD = {"crashed", "time_limit", "memory_limit"}


def test_ten_thousand_mutations(shared_videos: Path, tmp_path: Path) -> None:
    bound_s = float(os.environ.get("COVERLIFT_FUZZ_S") or 3600)
    seed = int(os.environ.get("COVERLIFT_FUZZ_SEED") or 0)
    kept = Path("var/fuzz")
    names = sorted(path.name for path in shared_videos.iterdir())
    clips = [shortened(shared_videos / name, tmp_path).read_bytes() for name in names]
    seen: Counter[str] = Counter()
    slowest_s, begun_s = 0.0, monotonic()
    sandbox = Sandbox()
    for number, content in mutants(clips, MUTATIONS, seed):
        path = tmp_path / f"mutant-{names[number]}"
        path.write_bytes(content)
        asked_s = monotonic()
        code = _outcome(sandbox, path)
        slowest_s = max(slowest_s, monotonic() - asked_s)
        seen[code] += 1
        if code in BAD or ":" in code:
            kept.mkdir(parents=True, exist_ok=True)
            (kept / f"{seed}-{seen.total()}-{path.name}").write_bytes(content)
            print(f"\n{code}: {seed}-{seen.total()}-{path.name}", flush=True)
        if monotonic() - begun_s > bound_s:
            break
    sandbox.close()
    print(f"\n{seen.total()} mutations in {monotonic() - begun_s:.0f} s, slowest {slowest_s:.1f} s")
    print(dict(seen))
    assert not [code for code in seen if code in BAD or ":" in code]


def _outcome(sandbox: Sandbox, path: Path) -> str:
    try:
        sandbox.run(LIMITS, make_thumbnail, str(path))
    except ThumbnailerError as error:
        return error.code
    except Exception as error:  # noqa: BLE001  what must not happen is counted and kept
        return f"{type(error).__name__}: {error}"
    return "made"
