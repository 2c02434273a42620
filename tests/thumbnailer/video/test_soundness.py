from pathlib import Path

import numpy as np
import pytest

from thumbnailer.errors import DamagedVideoError
from thumbnailer.video.measures import DOUBTFUL, SPOTTED
from thumbnailer.video.soundness import check_soundness, sound_shots
from thumbnailer.video.ticks import TICKS_PER_S


def errors(*seconds: int, count: int = 6, rest: int = 0) -> np.ndarray[tuple[int], np.dtype]:
    """Return those of a film of which these seconds have a tick that is not sound."""
    ticks = np.zeros(count * TICKS_PER_S + rest, np.float32)
    for number, second in enumerate(seconds):
        ticks[second * TICKS_PER_S + 5 * number % TICKS_PER_S] = 0.5
    return ticks


def test_a_full_second_is_sound_where_all_of_it_is() -> None:
    assert sound_shots(errors()) == 6
    assert sound_shots(errors(0, 2, 5)) == 3
    assert sound_shots(errors(count=2, rest=TICKS_PER_S - 1)) == 2, "what is left over is none"
    assert sound_shots(errors(count=0, rest=3)) == 0


def test_spots_count_unless_they_are_everywhere() -> None:
    spotted = errors(0, 1)
    spotted[: 3 * TICKS_PER_S] = SPOTTED
    assert sound_shots(spotted) == 3
    spotted[3 * TICKS_PER_S] = SPOTTED
    assert sound_shots(spotted) == 6
    spotted[-1] = DOUBTFUL
    assert sound_shots(spotted) == 5


def test_a_film_with_less_than_three_sound_seconds_is_refused() -> None:
    check_soundness(Path("a.mp4"), errors(0, 2, 5))
    with pytest.raises(DamagedVideoError, match=r"a\.mp4 is damaged, and only 2 full seconds"):
        check_soundness(Path("a.mp4"), errors(0, 1, 2, 5))
