"""Files that a person may bring for a video."""

from io import BytesIO

from django.core.files.base import ContentFile
from PIL import Image

SIZE = (640, 360)


def still(
    colour: str = "teal", name: str = "cover.png", size: tuple[int, int] = SIZE
) -> "ContentFile[bytes]":
    """A picture of one colour."""
    file = BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return ContentFile(file.getvalue(), name)


def moving(
    count: int = 5, name: str = "cover.gif", size: tuple[int, int] = SIZE
) -> "ContentFile[bytes]":
    """A GIF that grows brighter, five pictures a second."""
    file = BytesIO()
    first, *others = [Image.new("RGB", size, (250 * n // count, 0, 0)) for n in range(count)]
    first.save(file, "GIF", save_all=True, append_images=others, duration=200)
    return ContentFile(file.getvalue(), name)


def damaged(name: str = "broken.png") -> "ContentFile[bytes]":
    """A picture that breaks off."""
    return ContentFile(still().read()[:200], name)
