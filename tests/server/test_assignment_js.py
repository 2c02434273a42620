"""The browser's assignment is the server's: both pass the vectors of the specification."""

import json
import math
import shutil
import subprocess
from pathlib import Path

import pytest

from experiments.serving.assignment import Allocation, Plan, assign
from experiments.unit import Unit

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "docs" / "assignment-vectors.json"
SCRIPT = ROOT / "platform" / "server" / "static" / "coverlift" / "assignment.js"
RUN = """
import {{ assign }} from {script};
import {{ readFileSync }} from "node:fs";
const cases = JSON.parse(readFileSync({vectors}, "utf8")).cases;
console.log(JSON.stringify(cases.map(({{ plan, units }}) =>
  units.map((u) => assign(plan, BigInt(u.viewer), BigInt(u.video))))));
"""


def vectors() -> list[dict[str, list[dict[str, object]]]]:
    return json.loads(VECTORS.read_text())["cases"]  # type: ignore[no-any-return]


def expected() -> list[list[dict[str, object]]]:
    keys = ("arm", "propensity", "outcome")
    return [[{key: unit[key] for key in keys} for unit in case["units"]] for case in vectors()]


def test_python_passes_the_vectors() -> None:
    for case in json.loads(VECTORS.read_text())["cases"]:
        allocation = Allocation(*(tuple(case["plan"]["allocation"][k]) for k in ("uppers", "arms")))
        plan = Plan(**case["plan"] | {"allocation": allocation, "unit": Unit(case["plan"]["unit"])})
        for unit in case["units"]:
            got = assign(plan, int(unit["viewer"]), int(unit["video"]))
            propensity = None if math.isnan(got.propensity) else got.propensity
            assert (got.arm, propensity, got.outcome) == (
                unit["arm"], unit["propensity"], unit["outcome"],
            )  # fmt: skip


def test_the_vectors_reach_every_outcome() -> None:
    outcomes = {unit["outcome"] for case in expected() for unit in case}
    assert outcomes == {"in", "layer", "holdback", "ramp"}
    assert {unit["arm"] for case in expected() for unit in case} == {None, 0, 1, 2}


def test_javascript_passes_the_vectors(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    program = tmp_path / "run.mjs"
    module = tmp_path / "assignment.mjs"
    module.write_text(SCRIPT.read_text())
    program.write_text(RUN.format(script=json.dumps(str(module)), vectors=json.dumps(str(VECTORS))))
    done = subprocess.run([node, str(program)], capture_output=True, text=True, check=False,
                          timeout=60)  # fmt: skip
    assert done.returncode == 0, done.stderr
    # JSON has no NaN: JavaScript writes null for the propensity of a unit that is not in.
    assert json.loads(done.stdout) == expected()
