from pathlib import Path

import pytest

from thumbnailer.errors import UnknownColoursError
from thumbnailer.video.description import check_dolby_vision, hidden_edges
from thumbnailer.video.picture import Edges

RECORD = (
    "      DOVI configuration record: version: 1.0, profile: {}, level: 6, rpu flag: 1, "
    "el flag: 0, bl flag: 1, compatibility id: {}, compression: 0\n"
)


def test_the_words_of_ffmpeg_are_understood() -> None:
    text = "    Side data:\n      Frame Cropping: 2/4/60/61\n"
    assert hidden_edges(text) == Edges(left=2, right=4, top=60, bottom=61)
    assert (
        hidden_edges("    Side data:\n      Display Matrix: rotation of -90.00 degrees\n")
        == Edges()
    )


@pytest.mark.parametrize(("profile", "compatible"), [(8, 1), (8, 4), (7, 6), (9, 2)])
def test_dolby_vision_that_is_also_something_else_is_read_as_that(
    profile: int, compatible: int
) -> None:
    check_dolby_vision(Path("a.mp4"), RECORD.format(profile, compatible))


@pytest.mark.parametrize("profile", [5, 10])
def test_dolby_vision_that_is_nothing_else_is_refused(profile: int) -> None:
    with pytest.raises(UnknownColoursError, match=rf"a\.mp4 is Dolby Vision of profile {profile},"):
        check_dolby_vision(Path("a.mp4"), RECORD.format(profile, 0))
