"""What pages say of a selector's model is what its thumbnails say."""

import pytest

from experiments.cautions import caution
from thumbnailer.registry import SELECTORS, load_selector


@pytest.mark.parametrize("name", SELECTORS)
def test_pages_and_thumbnails_say_the_same(name: str) -> None:
    assert caution(name) in load_selector(name).note


@pytest.mark.parametrize("name", SELECTORS)
def test_a_selector_is_cautioned_of_as_those_that_it_is_built_on(name: str) -> None:
    for base in SELECTORS[name].built_on:
        assert caution(name) == caution(base)


def test_the_papers_models_are_said_not_to_be_shown_to_look_at_the_video() -> None:
    for name in ("gevaden", "re_seq2seq", "first_frame"):
        assert caution(name).startswith("its choice is not shown to depend on the video")
    assert caution("../SECRET") == caution("hecate") == ""
