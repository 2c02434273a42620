"""Damaged files end in an error of ours or in a thumbnail; ten thousand of them in benchmarks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.thumbnailer.clips import scenes, shared_video, write_clip
from tests.thumbnailer.mutations import make_thumbnail, mutants, shortened
from tests.waiting import PATIENCE_S
from thumbnailer.errors import VideoError
from thumbnailer.sandbox.client import Sandbox
from thumbnailer.sandbox.limits import Limits

LIMITS = Limits(time_s=PATIENCE_S, memory_mb=1024)
BAD = {"crashed", "time_limit", "memory_limit"}
REAL = ("nasa_13013.mp4", "caminandes_llama_drama_30s.webm", "popcornjs_trailer.ogv")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()


def outcome(sandbox: Sandbox, path: Path) -> str:
    """Return the error's code, or "made"; anything else that is raised fails the test."""
    try:
        made = sandbox.run(LIMITS, make_thumbnail, str(path))
    except VideoError as error:
        return error.code
    assert made > 100
    return "made"


def test_damaged_files_of_our_own(sandbox: Sandbox, tmp_path: Path) -> None:
    names = ("a.mp4", "a.mkv", "a.ts")
    clips = [write_clip(tmp_path / name, scenes([1, 0.5])).read_bytes() for name in names]
    seen: dict[str, bytes] = {}
    for number, content in mutants(clips, 40, seed=0):
        path = tmp_path / f"mutant-{names[number]}"
        path.write_bytes(content)
        seen.setdefault(outcome(sandbox, path), content)
    assert "made" in seen
    assert not seen.keys() & BAD


@pytest.mark.parametrize("name", REAL)
def test_damaged_real_files(sandbox: Sandbox, tmp_path: Path, name: str) -> None:
    clip = shortened(shared_video(name), tmp_path)
    assert outcome(sandbox, clip) == "made"
    for _, content in mutants([clip.read_bytes()], 10, seed=1):
        clip.write_bytes(content)
        assert outcome(sandbox, clip) not in BAD
