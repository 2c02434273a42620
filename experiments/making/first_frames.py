"""The control of stills: it shows the first frame of what a GIF shows, whatever made that so."""

from collections.abc import Mapping

from experiments.models import Thumbnail

STILL, GIF = "first_frame", "gevaden"


def follow_gif(thumbnails: Mapping[str, Thumbnail]) -> None:
    """Let the still begin where the GIF that is shown begins, unless a person picked its frame.

    The GIF may show another candidate than its first, to differ from another arm, or shots that
    were picked by hand: with the frame of its first candidate the two would differ in their shots,
    too, and tell nothing of motion.
    """
    if STILL in thumbnails and GIF in thumbnails and not thumbnails[STILL].picked_by:
        thumbnails[STILL].shots_s = thumbnails[GIF].shots_s[:1]
