"""Pictures come out as a browser shows them."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from tests.thumbnailer import hostile_files
from thumbnailer.creative import picture
from thumbnailer.creative.film import Moment
from thumbnailer.creative.shape import shape_of
from thumbnailer.errors import DecodeFailedError, VideoTooLargeError

SIZE = (320, 180)
ORANGE = (230, 120, 20)


def read(path: Path) -> list[Moment]:
    with picture.opened(path) as image:
        assert image is not None
        shape = shape_of(path, picture.shown_size(image), SIZE)
        return list(picture.moments(image, shape))


def colour(path: Path) -> list[int]:
    [moment] = read(path)
    assert moment.pixels.shape == (180, 320, 3)
    return [int(level) for level in moment.pixels.reshape(-1, 3).mean(axis=0).round()]


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.gif", "a.webp", "a.avif"])
def test_every_format_keeps_its_colour(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    Image.new("RGB", SIZE, ORANGE).save(path)
    assert np.allclose(colour(path), ORANGE, atol=3)


def test_a_name_says_nothing(tmp_path: Path) -> None:
    Image.new("RGB", SIZE, ORANGE).save(tmp_path / "a.png")
    lying = (tmp_path / "a.png").rename(tmp_path / "a.mp4")
    assert colour(lying) == list(ORANGE)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_stands_on_white(tmp_path: Path, mode: str) -> None:
    half = Image.new("RGBA", SIZE, (0, 0, 0, 0))
    half.paste((0, 0, 0, 255), (0, 0, 160, 180))
    half.convert(mode).save(tmp_path / "a.png")
    [moment] = read(tmp_path / "a.png")
    assert moment.pixels[90, 40].tolist() == [0, 0, 0]
    assert moment.pixels[90, 280].tolist() == [255, 255, 255]


def test_sixteen_bits_are_scaled_to_eight(tmp_path: Path) -> None:
    Image.fromarray(np.full((180, 320), 40_000, np.uint16)).save(tmp_path / "a.png")
    assert colour(tmp_path / "a.png") == [40_000 >> 8] * 3


def test_cmyk_becomes_rgb(tmp_path: Path) -> None:
    Image.new("CMYK", SIZE, (0, 255, 255, 0)).save(tmp_path / "a.jpg", quality=95)
    assert np.allclose(colour(tmp_path / "a.jpg"), (255, 0, 0), atol=6)


def test_an_icc_profile_is_applied_and_a_damaged_one_is_none(tmp_path: Path) -> None:
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = plain.replace(b"rXYZ", b"....").replace(b"bXYZ", b"rXYZ").replace(b"....", b"bXYZ")
    for name, profile in (("plain", plain), ("swapped", swapped), ("damaged", b"no profile")):
        Image.new("RGB", SIZE, ORANGE).save(tmp_path / f"{name}.png", icc_profile=profile)
    assert colour(tmp_path / "damaged.png") == list(ORANGE)
    assert np.allclose(colour(tmp_path / "plain.png"), ORANGE, atol=2)
    assert np.allclose(colour(tmp_path / "swapped.png"), ORANGE[::-1], atol=2)


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_camera_on_its_side_is_set_upright(tmp_path: Path, orientation: int) -> None:
    turns = {3: 2, 6: 1, 8: 3}[orientation]  # quarter turns that the camera was held by
    upright = np.zeros((180, 320, 3), np.uint8)
    upright[:40] = 255  # the sky
    exif = Image.Exif()
    exif[picture.ORIENTATION] = orientation
    held = Image.fromarray(np.rot90(upright, turns))
    held.save(tmp_path / "a.jpg", exif=exif, quality=95)
    [moment] = read(tmp_path / "a.jpg")
    assert moment.pixels.shape == upright.shape
    assert moment.pixels[10].mean() > 250
    assert moment.pixels[120].mean() < 5


def save_moving(path: Path, durations_ms: list[int], **options: Any) -> None:
    frames = [Image.new("RGB", SIZE, (60 * number, 0, 0)) for number in range(len(durations_ms))]
    first, *others = frames
    first.save(path, save_all=True, append_images=others, duration=durations_ms, **options)


@pytest.mark.parametrize(
    ("name", "options"),
    [("a.gif", {}), ("a.png", {}), ("a.webp", {"lossless": True}), ("a.avif", {"quality": 95})],
)
def test_moving_pictures_keep_their_lengths(
    tmp_path: Path, name: str, options: dict[str, Any]
) -> None:
    save_moving(tmp_path / name, [100, 300, 200], **options)
    found = read(tmp_path / name)
    assert [round(moment.end_s, 2) for moment in found] == [0.1, 0.4, 0.6]
    reds = [moment.pixels[..., 0].mean() for moment in found]
    assert np.allclose(reds, (0, 60, 120), atol=4)


def test_a_length_that_browsers_do_not_take_is_a_tenth_of_a_second(tmp_path: Path) -> None:
    save_moving(tmp_path / "a.gif", [10, 10, 20])
    assert [round(moment.end_s, 2) for moment in read(tmp_path / "a.gif")] == [0.1, 0.2, 0.22]


def test_what_stands_in_for_a_moving_png_is_no_part_of_it(tmp_path: Path) -> None:
    frames = [Image.new("RGB", SIZE, (60 * number, 0, 0)) for number in range(2)]
    Image.new("RGB", SIZE, "white").save(
        tmp_path / "a.png", save_all=True, append_images=frames, duration=100, default_image=True
    )
    assert [moment.pixels[..., 1].mean() for moment in read(tmp_path / "a.png")] == [0, 0]


def test_no_picture_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    with picture.opened(tmp_path / "a.png") as image:
        assert image is None


def test_damaged_pictures_are_told(tmp_path: Path) -> None:
    file = BytesIO()
    noise = np.random.default_rng(1).integers(0, 256, (180, 320, 3), np.uint8)
    Image.fromarray(noise).save(file, "PNG")
    (tmp_path / "a.png").write_bytes(file.getvalue()[:5000])
    with pytest.raises(DecodeFailedError, match=r"a\.png is damaged \(.*truncated"):
        read(tmp_path / "a.png")


def test_bombs_are_told_by_their_headers(tmp_path: Path) -> None:
    bomb = hostile_files.huge_picture(tmp_path / "a.gif")
    with pytest.raises(VideoTooLargeError, match="too many pixels"):
        read(bomb)
    bomb = hostile_files.huge_picture(tmp_path / "b.gif", side=8000)
    with pytest.raises(VideoTooLargeError, match="8000 x 8000 pixels"):
        read(bomb)
    text = PngInfo()
    text.add_text("comment", "a" * 90_000_000, zip=True)  # 90 kB of file
    Image.new("RGB", SIZE).save(tmp_path / "c.png", pnginfo=text)
    with pytest.raises(DecodeFailedError, match="Decompressed data too large"):
        read(tmp_path / "c.png")
