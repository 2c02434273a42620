from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.thumbnailer.selection.tables import SMALL_GEVADEN, small_gevaden
from thumbnailer.errors import CheckpointMismatchError, CheckpointMissingError
from thumbnailer.features.efficientnet_lite import MANIFEST
from thumbnailer.selection.gevaden import GevadenConfig, GevadenNetwork
from thumbnailer.selection.parts import checkpoint as checkpoint_module
from thumbnailer.selection.parts.checkpoint import (
    in_full,
    load_checkpoint,
    load_shipped,
    load_shipped_network,
    save_checkpoint,
)
from thumbnailer.selection.re_seq2seq import ReSeq2SeqConfig, ReSeq2SeqNetwork


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "gevaden.pt"
    save_checkpoint(path, "gevaden", SMALL_GEVADEN, small_gevaden(), MANIFEST, training={})
    return path


def rewrite(path: Path, **changes: Any) -> None:
    document = torch.load(path, weights_only=True)
    torch.save(document | changes, path)


def test_weights_return_as_they_were_but_for_half_precision(saved: Path) -> None:
    network = load_checkpoint(saved, "gevaden").restore(GevadenConfig, GevadenNetwork)
    assert network.config == SMALL_GEVADEN
    for name, part in small_gevaden().state_dict().items():
        torch.testing.assert_close(network.state_dict()[name], part.half().float())


def test_the_hash_does_not_know_the_files_name(saved: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.pt"
    save_checkpoint(other, "gevaden", SMALL_GEVADEN, small_gevaden(), MANIFEST, training={})
    assert other.read_bytes() == saved.read_bytes()


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(
        CheckpointMissingError, match=r"none\.pt is missing: .*thumbnailer\.training"
    ):
        load_checkpoint(tmp_path / "none.pt", "gevaden")


def test_another_hash(saved: Path) -> None:
    with pytest.raises(CheckpointMismatchError, match="must be 00ff"):
        load_checkpoint(saved, "gevaden", expected_sha256="00ff")


@pytest.mark.parametrize("content", [b"", b"no weights", b"PK\x03\x04" + bytes(500)])
def test_no_weights_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.pt").write_bytes(content)
    with pytest.raises(CheckpointMismatchError, match=r"a\.pt is no weights file"):
        load_checkpoint(tmp_path / "a.pt", "gevaden")


def test_a_truncated_file(saved: Path) -> None:
    saved.write_bytes(saved.read_bytes()[:-100])
    with pytest.raises(CheckpointMismatchError, match="no weights file that can be read"):
        load_checkpoint(saved, "gevaden")


def test_a_pickle_that_runs_code_is_not_run(tmp_path: Path) -> None:
    torch.save({"state": Path("harm")}, tmp_path / "a.pt")
    with pytest.raises(CheckpointMismatchError, match="UnpicklingError"):
        load_checkpoint(tmp_path / "a.pt", "gevaden")


def test_tensors_that_are_no_checkpoint(tmp_path: Path) -> None:
    torch.save({"weight": torch.ones(3)}, tmp_path / "a.pt")
    with pytest.raises(CheckpointMismatchError, match="no checkpoint of Coverlift"):
        load_checkpoint(tmp_path / "a.pt", "gevaden")


def test_another_model(saved: Path) -> None:
    with pytest.raises(CheckpointMismatchError, match="kind == 'gevaden', must be 're_seq2seq'"):
        load_checkpoint(saved, "re_seq2seq")


def test_another_version(saved: Path) -> None:
    rewrite(saved, format=99)
    with pytest.raises(CheckpointMismatchError, match="format == 99, must be 2"):
        load_checkpoint(saved, "gevaden")


def test_other_features(tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    other = replace(MANIFEST, weights_sha256="0" * 64)
    save_checkpoint(path, "gevaden", SMALL_GEVADEN, small_gevaden(), other, training={})
    with pytest.raises(CheckpointMismatchError, match="features == "):
        load_checkpoint(path, "gevaden")


def test_weights_with_a_hole(saved: Path) -> None:
    state = torch.load(saved, weights_only=True)["state"]
    state["generator.output.bias"][0] = torch.nan
    rewrite(saved, state=state)
    with pytest.raises(CheckpointMismatchError, match=r"generator\.output\.bias holds nan"):
        load_checkpoint(saved, "gevaden")


def test_weights_that_do_not_fit(saved: Path) -> None:
    checkpoint = load_checkpoint(saved, "gevaden")
    with pytest.raises(
        CheckpointMismatchError, match="does not fit this version's ReSeq2SeqConfig"
    ):
        checkpoint.restore(ReSeq2SeqConfig, ReSeq2SeqNetwork)
    state = {name: part for name, part in checkpoint.state.items() if "lstm" not in name}
    with pytest.raises(CheckpointMismatchError, match="Missing key"):
        replace(checkpoint, state=state).restore(GevadenConfig, GevadenNetwork)


def test_shipped_weights_are_checked_against_their_list(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint_module, "SHIPPED", saved.parent)
    with pytest.raises(CheckpointMissingError, match=r"lists no gevaden\.pt"):
        load_shipped("gevaden")
    (saved.parent / "SHA256SUMS").write_text(f"{'0' * 64}  gevaden.pt\n")
    with pytest.raises(CheckpointMismatchError, match="install this package again"):
        load_shipped("gevaden")


def mapped_file(address: int) -> str:
    """Return the name of the file that lies at an address of this process; "" for none."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, *_, name = line.split(maxsplit=5)
        first, last = (int(each, 16) for each in span.split("-"))
        if first <= address < last:
            return Path(name).name
    return ""


def test_shipped_weights_stay_in_the_file_and_lose_nothing() -> None:
    kept, _ = load_shipped_network("gevaden", 1, GevadenConfig, GevadenNetwork)
    assert {each.dtype for each in kept.state_dict().values()} == {torch.float16}
    assert {mapped_file(each.data_ptr()) for each in kept.parameters()} == {"gevaden.pt"}
    full = load_shipped("gevaden").restore(GevadenConfig, GevadenNetwork)
    for name, part in in_full(kept).state_dict().items():
        torch.testing.assert_close(part, full.state_dict()[name], rtol=0, atol=0)
        assert mapped_file(part.data_ptr()) != "gevaden.pt"
    assert in_full(full) is full
    assert {each.dtype for each in kept.state_dict().values()} == {torch.float16}
