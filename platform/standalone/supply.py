"""`make supply`: what is installed, under which licences, and the known holes in it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from standalone import licences
from standalone.processes import ROOT, VAR

TOOLS = Path(sys.executable).parent
SBOM, LICENCES = VAR / "sbom.json", VAR / "licences.md"
SHOWN = 5
NOTHING_ASKED = (
    "NOT ONE package was looked up for known holes: PyPI's service does not answer from here. "
    "Run this again where pypi.org can be reached."
)


def main() -> int:
    """Write both lists, tell of holes; 1 where there is one, or a tool fails."""
    VAR.mkdir(exist_ok=True)
    words = ["environment", sys.executable, "--output-reproducible", "-o", str(SBOM)]
    made = subprocess.run([TOOLS / "cyclonedx-py", *words], cwd=ROOT, check=False)
    if made.returncode:
        print("supply: cyclonedx-py wrote no list of what is installed", file=sys.stderr)
        return 1
    LICENCES.write_text(f"{licences.table()}\n")
    print(f"supply: {SBOM.relative_to(ROOT)} lists what is installed (CycloneDX), "
          f"{LICENCES.relative_to(ROOT)} the licences of what the product runs on.")  # fmt: skip
    said, is_sound = judged(audited())
    print(f"supply: {said}")
    return 0 if is_sound else 1


def audited() -> dict[str, Any] | None:
    """Return what pip-audit found, as its JSON; None where it could not ask."""
    words = ["--local", "--format", "json", "--progress-spinner", "off"]
    asked = subprocess.run(
        [TOOLS / "pip-audit", *words], cwd=ROOT, text=True, stdout=subprocess.PIPE, check=False
    )
    try:
        found: dict[str, Any] = json.loads(asked.stdout)
    except json.JSONDecodeError:
        return None
    return found


def judged(found: dict[str, Any] | None) -> tuple[str, bool]:
    """Return a sentence on what pip-audit found, and whether there is no known hole.

    What it could not look up it skips, and calls the whole free of holes.
    """
    packages = found["dependencies"] if found else []
    skipped = [each["name"] for each in packages if "skip_reason" in each]
    looked_up = [each for each in packages if "skip_reason" not in each]
    if not looked_up:
        return NOTHING_ASKED, True
    holes = [
        f"{each['name']} {each['version']}: {hole['id']}, mended in "
        f"{', '.join(hole['fix_versions']) or 'no version yet'}"
        for each in looked_up
        for hole in each["vulns"]
    ]
    lines = [f"{len(looked_up)} packages looked up, {len(holes)} known holes.", *holes]
    if skipped:
        more = f" and {len(skipped) - SHOWN} more" if len(skipped) > SHOWN else ""
        lines.append(f"Not looked up: {', '.join(skipped[:SHOWN])}{more}.")
    return "\n".join(lines), not holes


if __name__ == "__main__":
    sys.exit(main())
