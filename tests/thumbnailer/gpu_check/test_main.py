"""The command: where no GPU is it says so."""

import pytest
import torch

from thumbnailer.gpu_check.__main__ import main


def test_without_a_gpu_it_says_so_and_checks_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert main([]) == 0
    assert "nothing was checked" in capsys.readouterr().out
