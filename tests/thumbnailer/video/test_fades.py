import numpy as np
import pytest

from thumbnailer.video.fades import are_faded


def found(*parts: list[float]) -> list[int]:
    return np.flatnonzero(are_faded(np.concatenate(parts))).tolist()


def test_a_short_fade_is_known_from_scene_to_scene() -> None:
    # Ticks 10 to 17 fade out and in; 13 and 14 are plain.
    fade = [0.14, 0.12, 0.06, 0.0, 0.0, 0.07, 0.12, 0.14]
    assert found([0.2] * 10, fade, [0.2] * 10) == list(range(10, 18))


@pytest.mark.parametrize("backwards", [False, True])
def test_a_fade_is_known_where_the_film_goes_on_plain(backwards: bool) -> None:
    contrasts = np.asarray([*[0.2] * 10, 0.12, 0.06, *[0.0] * 12])
    called = are_faded(contrasts[::-1] if backwards else contrasts)
    ticks = np.flatnonzero(called[::-1] if backwards else called)
    assert {10, 11} <= set(ticks.tolist()) <= {*range(10, 15)}  # and the first plain ones


def test_cuts_to_a_plain_colour_are_none() -> None:
    assert found([0.2] * 10, [0.0] * 3, [0.2] * 10) == []
    assert found([0.2] * 10, [0.0] * 20) == []


def test_scenes_of_little_contrast_and_their_changes_are_none() -> None:
    assert found([0.2] * 10, [0.11] * 10, [0.2] * 10) == []
    assert found([0.03] * 10, [0.01] * 2, [0.0] * 3, [0.03] * 10) == []
    assert found([0.2] * 3) == []
