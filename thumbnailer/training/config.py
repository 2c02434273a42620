"""Configurations of training, and the files that hold them."""

import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from thumbnailer.errors import BadTrainingDataError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Settings = TypeVar("Settings", bound="DataclassInstance")


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """Settings of a run; those the paper gives are the defaults, the others were tuned.

    Attributes:
        seed: of weights, windows and draws.
        steps: the most that are made.
        batch_size: windows a step; the paper's 16.
        learning_rate: of Adam; the paper's 3e-4.
        gradient_norm: at which gradients are clipped.
        averaging: the network that is scored and kept is a running mean of the trained one, in
            which the last step counts 1 - averaging; 0 keeps the trained one.
        window_min_s: shots of the shortest window.
        window_max_s: of the longest.
        gifs_per_video: ground truths a window.
        evaluate_every: steps between two evaluations on the validation videos.
        patience: evaluations without a better score after which training stops.
        ridge_penalty: of the regression in the projection.
        interest: scale of that regression's column beside what shots look like.
        test_fold: of the data set's five; nothing is chosen by it. The next one stops training.
        device: "cpu", or "cuda" for a GPU.
        mixed_precision: the networks compute in bfloat16 where that is safe, as `torch.autocast`
            decides; weights and optimizer stay float32. On a CPU without AVX-512 all is float32.
    """

    seed: int = 0
    steps: int = 240
    batch_size: int = 16
    learning_rate: float = 3e-4
    gradient_norm: float = 1.0
    averaging: float = 0.95
    window_min_s: int = 32
    window_max_s: int = 64
    gifs_per_video: int = 4
    evaluate_every: int = 20
    patience: int = 5
    ridge_penalty: float = 10.0
    interest: float = 6.0
    test_fold: int = 0
    device: str = "cpu"
    mixed_precision: bool = False


def read_tables(path: Path) -> dict[str, dict[str, Any]]:
    """Read a TOML file with the tables [training] and [model], either of which may be absent.

    Raises:
        BadTrainingDataError: where it is no TOML, or has another table.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadTrainingDataError(f"{path} cannot be read as TOML ({error})") from error
    unknown = [name for name in tables if name not in {"training", "model"}]
    if unknown:
        raise BadTrainingDataError(f"{path} has [{unknown[0]}], must be [training] or [model]")
    return tables


def with_changes(settings: Settings, changes: dict[str, Any], source: str) -> Settings:
    """Return the dataclass with these fields changed; each must be there and keep its type.

    Raises:
        BadTrainingDataError: naming the source, the field and what may stand there.
    """
    known = {field.name: getattr(settings, field.name) for field in fields(settings)}
    for name, value in changes.items():
        if name not in known:
            raise BadTrainingDataError(f"{source}: {name} must be one of {', '.join(known)}")
        wanted = type(known[name])
        if type(value) is not wanted and not (wanted is float and type(value) is int):
            raise BadTrainingDataError(
                f"{source}: {name} == {value!r}, must be {wanted.__name__}, such as {known[name]!r}"
            )
    return replace(settings, **changes)
