"""Short clips, by the decoder that videos go through."""

from collections.abc import Iterator
from pathlib import Path

from thumbnailer.creative.film import Moment
from thumbnailer.creative.shape import Shape, shape_of
from thumbnailer.errors import UnreadableVideoError
from thumbnailer.video.container import open_video
from thumbnailer.video.decode import film_frames, sound_picture
from thumbnailer.video.scale import Scaler


def shape_of_clip(path: Path, box: tuple[int, int], most: int = 1) -> Shape:
    """Return how the clip fills the box.

    Raises:
        UnreadableVideoError: where it is neither a picture nor a clip that is accepted.
        VideoError: another of its kinds, where the clip cannot be used.
    """
    try:
        with open_video(path) as video:
            return shape_of(path, sound_picture(video).shown_size, box, most)
    except UnreadableVideoError as error:
        raise UnreadableVideoError(
            f"{path} is neither a picture (JPEG, PNG, GIF, WebP, AVIF) nor a clip (MP4, WebM) that "
            "can be read: export it again as one of them"
        ) from error


def moments(path: Path, shape: Shape) -> Iterator[Moment]:
    """Yield its frames.

    Raises:
        VideoError: one of its kinds, where the clip cannot be used.
    """
    scale = Scaler(*shape.scaled, keep_shape=True)
    with open_video(path) as video:
        for each in film_frames(video):
            yield Moment(shape.middle(scale(each.picture)), each.end_s)
