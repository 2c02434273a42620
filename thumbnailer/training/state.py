"""A run's state on disk: what a killed run needs to go on as if nothing had happened."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from thumbnailer.errors import BadTrainingDataError

State = dict[str, Any]


def save_state(path: Path, state: State) -> None:
    """Write the state beside its place and move it there in one step."""
    partial = path.with_name(f"{path.name}.part")
    torch.save(state, partial)
    partial.replace(path)


def load_state(path: Path, settings: State) -> State | None:
    """Return the state that a run with these settings left, or None where there is none.

    Raises:
        BadTrainingDataError: where it was left by another run, or is damaged.
    """
    if not path.is_file():
        return None
    try:
        state: State = torch.load(path, map_location="cpu", weights_only=True)
        found = state["settings"]
    except Exception as error:
        raise BadTrainingDataError(f"{path} cannot be read: remove it to start anew") from error
    if found != settings:
        raise BadTrainingDataError(
            f"{path} was left by a run with other settings ({_first_difference(found, settings)}): "
            "repeat those to go on, or remove it to start anew"
        )
    return state


def random_state(rng: np.random.Generator, generator: torch.Generator) -> State:
    """Return the positions of every source of randomness in a run."""
    return {
        "numpy": rng.bit_generator.state,
        "draws": generator.get_state(),
        "torch": torch.get_rng_state(),
    }


def set_random_state(state: State, rng: np.random.Generator, generator: torch.Generator) -> None:
    """Put every source of randomness where it was."""
    rng.bit_generator.state = state["numpy"]
    generator.set_state(state["draws"])
    torch.set_rng_state(state["torch"])


def _first_difference(found: State, wanted: State) -> str:
    for part, values in wanted.items():
        for name, value in values.items():
            if (old := found.get(part, {}).get(name)) != value:
                return f"{name} == {old!r}, now {value!r}"
    return "of another version"
