"""Still and moving pictures by Pillow: JPEG, PNG, GIF, WebP and AVIF, told by their content."""

import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from thumbnailer.creative.film import Moment
from thumbnailer.creative.shape import Shape
from thumbnailer.errors import DecodeFailedError, VideoError, VideoTooLargeError

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")
MOVING = {"PNG", "GIF", "WEBP", "AVIF"}  # of several pictures in a JPEG the first is shown
ORIENTATION = 0x0112  # of EXIF
UNSAID_S, TOO_SHORT_S = 0.1, 0.011  # browsers show what is to be shown so shortly for 0.1 s
SRGB = ImageCms.createProfile("sRGB")
WHITE = (255, 255, 255)  # behind what is transparent, as of videos


@contextmanager
def opened(path: Path) -> Iterator[Image.Image | None]:
    """Give the picture, of which no more than the header was read; None where it is none.

    Raises:
        VideoTooLargeError: where it claims more pixels than anyone draws.
        DecodeFailedError: for whatever a decoder says of a damaged file, now or while it is open.
    """
    try:
        with _image(path) as image:
            yield image
    except (VideoError, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise VideoTooLargeError(f"{path} claims too many pixels: make a smaller copy") from error
    except Exception as error:  # a decoder may raise anything
        raise DecodeFailedError(f"{path} is damaged ({error}): export it again") from error


def _image(path: Path) -> AbstractContextManager[Image.Image | None]:
    with warnings.catch_warnings(action="error", category=Image.DecompressionBombWarning):
        try:
            return Image.open(path, formats=FORMATS)
        except UnidentifiedImageError:
            return nullcontext()


def shown_size(image: Image.Image) -> tuple[int, int]:
    """Return width and height, upright."""
    on_its_side = image.getexif().get(ORIENTATION, 1) >= 5
    return image.size[::-1] if on_its_side else image.size


def moments(image: Image.Image, shape: Shape) -> Iterator[Moment]:
    """Yield the picture, or one after the other those of a moving one."""
    profile = image.info.get("icc_profile")
    if image.format not in MOVING:
        yield Moment(_pixels(image, shape, profile), UNSAID_S)
        return
    end_s, number = 0.0, 0
    while _at(image, number):
        number += 1
        if image.info.get("default_image") and number == 1:
            continue  # of an APNG, for who knows no moving ones
        end_s += _length_s(image)
        yield Moment(_pixels(image, shape, profile), end_s)


def _at(image: Image.Image, number: int) -> bool:
    """Go to a picture; false behind the last."""
    try:
        image.seek(number)
    except EOFError:
        return False
    image.load()  # only then does WebP know how long it is shown
    return True


def _length_s(image: Image.Image) -> float:
    length_s = float(image.info.get("duration", 0)) / 1000
    return length_s if length_s >= TOO_SHORT_S else UNSAID_S


def _pixels(image: Image.Image, shape: Shape, profile: bytes | None) -> NDArray[np.uint8]:
    """Return the kept part as (H, W, 3) in the web's colours, upright and on white."""
    upright = ImageOps.exif_transpose(image)
    small = _in_eight_bits(upright).resize(shape.scaled, Image.Resampling.LANCZOS, reducing_gap=3)
    coloured = _in_web_colours(small, profile)
    ground = Image.new("RGB", coloured.size, WHITE)
    ground.paste(coloured, mask=coloured if coloured.mode == "RGBA" else None)
    return shape.middle(np.asarray(ground))


def _in_eight_bits(image: Image.Image) -> Image.Image:
    """Return the picture in a mode that can be scaled: RGB, RGBA or CMYK of eight bits."""
    if image.mode.startswith("I;16"):  # which Pillow's own conversion cuts off
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    if image.mode in {"RGB", "RGBA", "CMYK"}:
        return image
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _in_web_colours(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return RGB or RGBA in sRGB; a profile that does not fit is none, as to browsers."""
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile:
        try:
            given = ImageCms.ImageCmsProfile(BytesIO(profile))
            found = ImageCms.profileToProfile(image, given, SRGB, outputMode=mode)
        except (ImageCms.PyCMSError, OSError):
            found = None
        if found is not None:
            return found
    return image.convert(mode)
