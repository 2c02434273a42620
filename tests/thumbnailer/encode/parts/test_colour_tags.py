from io import BytesIO

import av
import pytest

from tests.thumbnailer.encode.moving import moving_scene
from thumbnailer.encode.avif import encode_avif
from thumbnailer.encode.mp4 import encode_mp4
from thumbnailer.encode.parts.footage import Footage


@pytest.mark.parametrize("encode", [encode_avif, encode_mp4])
def test_files_say_what_their_colours_are(encode) -> None:  # type: ignore[no-untyped-def]
    content = encode(Footage(moving_scene(2, 32, 48)), 8, 60)
    with av.open(BytesIO(content), "r") as container:
        frame = next(container.decode(video=0))
    # H.273: primaries of BT.709, transfer of sRGB, matrix of BT.601; the range of television.
    assert (frame.color_primaries, frame.color_trc, frame.colorspace) == (1, 13, 6)
    assert frame.color_range == 1
