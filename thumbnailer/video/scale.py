"""Small arrays of frames as people see them, by one FFmpeg filter graph."""

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
from av.filter import Graph
from av.filter.context import FilterContext
from numpy.typing import NDArray

from thumbnailer.video.colour_space import colour_space
from thumbnailer.video.light import is_web_colour, to_web
from thumbnailer.video.picture import Picture

ROUNDING = 2  # pixels by which even sides may be off
BT709_LUMA = np.asarray([0.2126, 0.7152, 0.0722], np.float32)

Finish = Callable[[NDArray[Any]], NDArray[Any]]


class Scaler:
    """Turns pictures upright, scales them and gives them the colours that a browser shows.

    A filter graph costs 1.35 times bare decoding where a conversion frame by frame costs 1.96.
    """

    def __init__(self, width: int, height: int, *, gray: bool = False, keep_shape: bool) -> None:
        """Prepare to make arrays of this size.

        Args:
            width: of the arrays, in pixels.
            height: likewise.
            gray: brightness alone.
            keep_shape: fit pictures of other shapes in, with black beside them; or squash them.
        """
        self._size, self._gray, self._keep_shape = (width, height), gray, keep_shape
        self._kind: tuple[object, ...] = ()
        self._graph = Graph()
        self._finish: Finish = np.asarray

    def __call__(self, picture: Picture) -> NDArray[np.uint8]:
        """Return the picture as (height, width) or (height, width, 3) array of uint8."""
        if picture.kind != self._kind:
            self._prepare(picture)
        self._graph.vpush(picture.frame)
        pixels = self._finish(self._graph.vpull().to_ndarray())
        if self._gray and pixels.ndim == 3:
            pixels = np.rint(pixels @ BT709_LUMA)
        return np.asarray(pixels, dtype=np.uint8)

    def _prepare(self, picture: Picture) -> None:
        """Build the graph for pictures of this kind, and take what follows it."""
        pixels, self._finish = self._pixels(picture)
        graph, frame = Graph(), picture.frame
        graph.threads = 1
        nodes = [
            graph.add_buffer(
                width=frame.width,
                height=frame.height,
                format=frame.format,
                time_base=Fraction(1, 1000),
            ),
            *(_filter(graph, each) for each in self._filters(picture, pixels)),
            graph.add("buffersink"),
        ]
        graph.link_nodes(*nodes).configure()
        self._graph, self._kind = graph, picture.kind

    def _filters(self, picture: Picture, pixels: str) -> list[str]:
        """Return the filters in order; turning what is small already costs next to nothing."""
        frame = picture.frame
        left, top, width, height = picture.part
        shown = self._shape_of(picture.shown_size) if self._keep_shape else self._size
        scaled = shown[::-1] if picture.arrangement.is_on_its_side else shown
        is_whole = (width, height) == (frame.width, frame.height)
        crop = [] if is_whole else [f"crop={width}:{height}:{left}:{top}"]
        field = ["field=top"] if frame.interlaced_frame else []  # one of two moments
        alpha = ["format=gbrap", "premultiply=inplace=1"] if has_alpha(picture) else []
        options = f"flags=area:out_range=full{colour_space(picture).scale_options}"
        scale = [f"scale={scaled[0]}:{scaled[1]}:{options}", f"format={pixels}"]
        pad = [] if shown == self._size else [f"pad={self._size[0]}:{self._size[1]}:-1:-1"]
        return [*crop, *field, *alpha, *scale, *picture.arrangement.turns, *pad]

    def _shape_of(self, shown_size: tuple[int, int]) -> tuple[int, int]:
        """Return the size at which the picture fills the array in one direction, or in both."""
        ratio = min(mine / its for mine, its in zip(self._size, shown_size, strict=True))
        width, height = (_even(side * ratio) for side in shown_size)
        is_alike = self._size[0] - width <= ROUNDING and self._size[1] - height <= ROUNDING
        return self._size if is_alike else (width, height)

    def _pixels(self, picture: Picture) -> tuple[str, Finish]:
        """Return the format that the graph ends in, and what makes web colours of it."""
        space = colour_space(picture)
        if has_alpha(picture):
            return "rgba", partial(_on_background, colour=picture.background)
        if not is_web_colour(space):
            return "rgb48le", partial(to_web, space=space)
        return "gray" if self._gray else "rgb24", np.asarray


def has_alpha(picture: Picture) -> bool:
    """Tell whether parts of the picture may be transparent."""
    return any(each.is_alpha for each in picture.frame.format.components)


def _filter(graph: Graph, description: str) -> FilterContext:
    name, _, options = description.partition("=")
    return graph.add(name, options or None)


def _on_background(rgba: NDArray[np.uint8], colour: tuple[int, int, int]) -> NDArray[np.float32]:
    """Set (H, W, 4) premultiplied pixels on one colour."""
    pixels = rgba.astype(np.float32)
    behind = np.asarray(colour, np.float32) * (1 - pixels[..., 3:] / 255)
    return np.asarray(np.rint(pixels[..., :3] + behind))


def fit(width: int, height: int, box_width: int, box_height: int) -> tuple[int, int]:
    """Return the largest even size of the same aspect inside the box, never enlarged."""
    ratio = min(box_width / width, box_height / height, 1.0)
    return _even(width * ratio), _even(height * ratio)


def _even(side: float) -> int:
    return max(2, round(side / 2) * 2)
