"""What pages say of a selector's model is what its thumbnails say."""

import pytest

from experiments.cautions import caution
from thumbnailer.registry import SELECTORS, load_selector


@pytest.mark.parametrize("name", SELECTORS)
def test_pages_and_thumbnails_say_the_same(name: str) -> None:
    assert caution(name) in load_selector(name).note


def test_the_papers_models_are_said_not_to_be_shown_to_look_at_the_video() -> None:
    for name in ("gevaden", "re_seq2seq"):
        assert caution(name).startswith("its choice is not shown to depend on the video")
    assert caution("../SECRET") == caution("hecate") == ""
