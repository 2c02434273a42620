"""The detector tells what the published one does, and the text that a person sees."""

import numpy as np
import pytest

from tests.thumbnailer.clips import shared_video
from thumbnailer.features.picture_cues import lettering
from thumbnailer.features.text_detector import text_shares
from thumbnailer.video.cut import cut_frames
from thumbnailer.video.framing import Framing


# Shares by onnxruntime 1.32.0 and ch_PP-OCRv4_det_infer.onnx of rapidocr-onnxruntime 1.4.4.
@pytest.mark.parametrize(
    ("video", "time_s", "share"),
    [
        ("sintel_trailer_480p.mp4", 43.5, 0.0131),  # the title
        ("sintel_trailer_480p.mp4", 50, 0.0690),  # credits
        ("big_buck_bunny_60s.mp4", 22, 0.0225),  # a line over a sky
        ("big_buck_bunny_trailer.webm", 28, 0.1542),
        ("caminandes_llama_drama_30s.webm", 4, 0.0077),
        ("sintel_trailer_480p.mp4", 31, 0.0),  # a face
        ("simpl_bike_ride.webm", 10, 0.0),
    ],
)
def test_text_is_found_as_by_the_published_network(video: str, time_s: float, share: float) -> None:
    [[frame]] = cut_frames(shared_video(video), [[time_s]], Framing((224, 224)))
    [found] = lettering([frame], frame.shape[1] / len(frame))
    assert found == pytest.approx(share, abs=0.004)


@pytest.mark.parametrize("size", [(32, 32), (96, 224), (224, 64)])
def test_one_colour_is_no_text(size: tuple[int, int]) -> None:
    assert text_shares(np.full((2, *size, 3), 90, np.uint8)) == [0.0, 0.0]
