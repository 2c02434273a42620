"""Weights files: what is in them, and how they are written and read with nothing taken on trust."""

import pickle
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from torch import Tensor, nn

from thumbnailer.errors import CheckpointMismatchError, CheckpointMissingError
from thumbnailer.features.base import FeatureManifest
from thumbnailer.features.efficientnet_lite import MANIFEST

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

FORMAT = 2
SHIPPED = Path(__file__).parents[2] / "weights"
SUMS = "SHA256SUMS"

Config = TypeVar("Config")
Network = TypeVar("Network", bound=nn.Module)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A weights file that was read and belongs to the model asked for.

    Attributes:
        path: the file, for messages.
        sha256: its hash.
        config: the fields of the model's configuration.
        state: its tensors, float16 or float32.
    """

    path: Path
    sha256: str
    config: Mapping[str, Any]
    state: Mapping[str, Tensor]

    def restore(
        self, config_type: type[Config], network_type: Callable[[Config], Network]
    ) -> Network:
        """Build the network of this configuration and load its weights strictly, as float32.

        Raises:
            CheckpointMismatchError: where a field or tensor is missing, unknown or misshapen.
        """
        return self._built(config_type, network_type, self.state).float()

    def mapped(
        self, config_type: type[Config], network_type: Callable[[Config], Network]
    ) -> Network:
        """Build the network and leave its weights in the file, where they are read when needed.

        Raises:
            CheckpointMismatchError: where a field or tensor is missing, unknown or misshapen.
        """
        document = torch.load(self.path, map_location="cpu", weights_only=True, mmap=True)
        return self._built(config_type, network_type, document["state"])

    def _built(
        self,
        config_type: type[Config],
        network_type: Callable[[Config], Network],
        state: Mapping[str, Tensor],
    ) -> Network:
        try:
            with torch.device("meta"):  # the weights that it begins with are not needed
                network = network_type(config_type(**self.config))
            network.load_state_dict(state, assign=True)
        except (TypeError, RuntimeError) as error:
            raise CheckpointMismatchError(
                f"{self.path} does not fit this version's {config_type.__name__} ({error}): "
                "train it again, or take the weights of this version"
            ) from error
        return network


def save_checkpoint(
    path: Path,
    kind: str,
    config: "DataclassInstance",
    network: nn.Module,
    features: FeatureManifest,
    *,
    training: Mapping[str, Any],
) -> str:
    """Write the network as float16 and return the file's sha256.

    Args:
        path: the file, replaced in one step.
        kind: the model's name.
        config: its configuration.
        network: its weights.
        features: what it was trained on.
        training: the fields of the run's configuration, kept for the record.
    """
    state = {name: part.half() for name, part in network.state_dict().items()}
    document = {
        "format": FORMAT,
        "kind": kind,
        "config": asdict(config),
        "features": asdict(features),
        "training": dict(training),
        "state": state,
    }
    file = BytesIO()  # into a file torch would write its name, too, and change the hash
    torch.save(document, file)
    content = file.getvalue()
    partial = path.with_name(f"{path.name}.part")
    partial.write_bytes(content)
    partial.replace(path)
    return sha256(content).hexdigest()


def load_shipped(kind: str) -> Checkpoint:
    """Read the weights that come with this package and check them against their listed hash.

    Raises:
        CheckpointMissingError: where the file or its line in SHA256SUMS is not there.
        CheckpointMismatchError: where it is not the file listed.
    """
    path = SHIPPED / f"{kind}.pt"
    sums = SHIPPED / SUMS
    lines = sums.read_text().splitlines() if sums.is_file() else []
    listed = {name: digest for digest, name in (line.split() for line in lines)}
    if path.name not in listed:
        raise CheckpointMissingError(f"{sums} lists no {path.name}: install this package again")
    return load_checkpoint(path, kind, expected_sha256=listed[path.name])


def load_shipped_network(
    kind: str, rule: int, config_type: type[Config], network_type: Callable[[Config], Network]
) -> tuple[Network, str]:
    """Return the network that comes with this package and the version its selector goes by.

    Its weights are float16 and stay in the file: a process that only forks for those who select
    holds none of them. ``in_full`` makes them fit for computing.

    Args:
        kind: the model's name.
        rule: the number of the selector's rule, which changes its answers as weights do.
        config_type: of its configuration.
        network_type: what builds it.

    Raises:
        CheckpointMissingError: where its weights are not there.
        CheckpointMismatchError: where they are damaged or do not fit.
    """
    checkpoint = load_shipped(kind)
    network = checkpoint.mapped(config_type, network_type)
    return network, f"{kind}-{rule}-{checkpoint.sha256[:8]}"


def in_full(network: Network) -> Network:
    """Return the network in float32: itself, or a copy of one that is kept in float16."""
    if all(each.dtype == torch.float32 for each in network.state_dict().values()):
        return network
    full: dict[int, Any] = {id(each): each.float() for each in network.buffers()}
    for each in network.parameters():
        full[id(each)] = nn.Parameter(each.detach().float(), requires_grad=each.requires_grad)
    return deepcopy(network, full)


def load_checkpoint(path: Path, kind: str, *, expected_sha256: str | None = None) -> Checkpoint:
    """Read a weights file: tensors and plain values only, nothing in it is run.

    Raises:
        CheckpointMissingError: where there is no such file.
        CheckpointMismatchError: where it has another hash, is damaged, holds another model, or
            was trained on other features.
    """
    if not path.is_file():
        raise CheckpointMissingError(
            f"{path} is missing: install this package again, or train it by "
            f"`python -m thumbnailer.training {kind} --data FOLDER --out {path}`"
        )
    content = path.read_bytes()
    found = sha256(content).hexdigest()
    if expected_sha256 not in {None, found}:
        raise CheckpointMismatchError(
            f"{path} has sha256 {found}, must be {expected_sha256}: install this package again"
        )
    document = _parse(path, content)
    _check_document(path, document, kind)
    return Checkpoint(path, found, document["config"], document["state"])


def _parse(path: Path, content: bytes) -> dict[str, Any]:
    try:
        document = torch.load(BytesIO(content), map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, ValueError, KeyError, pickle.UnpicklingError) as error:
        raise CheckpointMismatchError(
            f"{path} is no weights file that can be read ({type(error).__name__}): "
            "install this package again, or train it again"
        ) from error
    keys = {"format", "kind", "config", "features", "training", "state"}
    if not isinstance(document, dict) or set(document) != keys:
        raise CheckpointMismatchError(f"{path} is no checkpoint of Coverlift: train it again")
    return document


def _check_document(path: Path, document: Mapping[str, Any], kind: str) -> None:
    features = document["features"]
    if isinstance(features, dict):  # weights from before there were clips say nothing of them
        features = {"clip_frames": 1, **features}
    for field, found, wanted in (
        ("format", document["format"], FORMAT),
        ("kind", document["kind"], kind),
        ("features", features, asdict(MANIFEST)),
    ):
        if found != wanted:
            raise CheckpointMismatchError(
                f"{path}: {field} == {found!r}, must be {wanted!r}: "
                "choose the file of this model and version, or train it again"
            )
    broken = [name for name, part in document["state"].items() if not part.isfinite().all()]
    if broken:
        raise CheckpointMismatchError(f"{path}: {broken[0]} holds nan or infinity: train it again")
