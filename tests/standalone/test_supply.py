"""What `make supply` says of known holes is what was looked up, and no more."""

from typing import Any

from standalone.supply import judged

SOUND: dict[str, Any] = {"name": "amqp", "version": "5.4.2", "vulns": []}
HOLE = {"id": "PYSEC-2026-1", "fix_versions": ["2.1"]}
HOLED = {"name": "flask", "version": "2.0", "vulns": [HOLE, {"id": "X-2", "fix_versions": []}]}
SKIPPED = {"name": "torch", "skip_reason": "Dependency not found on PyPI"}


def test_who_looks_nothing_up_is_not_told_that_all_is_sound() -> None:
    for found in (None, {"dependencies": [SKIPPED] * 3}):
        said, _ = judged(found)
        assert "NOT ONE package was looked up" in said
        assert "pypi.org" in said


def test_holes_and_what_was_left_out_are_named() -> None:
    assert judged({"dependencies": [SOUND]}) == ("1 packages looked up, 0 known holes.", True)
    said, is_sound = judged({"dependencies": [SOUND, HOLED, *[SKIPPED] * 7]})
    assert not is_sound
    assert said.splitlines() == [
        "2 packages looked up, 2 known holes.",
        "flask 2.0: PYSEC-2026-1, mended in 2.1",
        "flask 2.0: X-2, mended in no version yet",
        "Not looked up: torch, torch, torch, torch, torch and 2 more.",
    ]
