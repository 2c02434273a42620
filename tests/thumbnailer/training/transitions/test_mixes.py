import numpy as np
import pytest
from numpy.typing import NDArray

from thumbnailer.training.transitions.mixes import MIXES, OFTEN, Mix

OLD, NEW = (np.full((36, 64), tone, np.float32) for tone in (60.0, 180.0))
PLAIN = {"fade through black": 0, "fade through white": 255}


def of_new(mix: Mix, share: float) -> float:
    """Return how much of a picture is new, by its mean."""
    return float((mix(OLD, NEW, share).mean() - 60) / 120)


@pytest.mark.parametrize("name", MIXES)
def test_each_leads_from_the_old_picture_to_the_new_one(name: str) -> None:
    rng = np.random.default_rng(1)
    old, new = rng.uniform(0, 255, (2, 36, 64)).astype(np.float32)
    np.testing.assert_allclose(MIXES[name](old, new, 0.0), old, atol=1e-3)
    # Squeezed to nothing, a picture leaves a line, until the next takes over.
    is_new = np.isclose(MIXES[name](old, new, 1.0), new, atol=1e-3)
    assert is_new.mean() >= 1 - 1 / 36


@pytest.mark.parametrize("name", [name for name in MIXES if name not in PLAIN])
def test_the_new_picture_comes_step_by_step(name: str) -> None:
    shares = [of_new(MIXES[name], share) for share in np.linspace(0, 1, 21)]
    assert (np.diff(shares) >= -1e-6).all()
    assert 0.05 < shares[10] < 0.95


@pytest.mark.parametrize(("name", "colour"), PLAIN.items())
def test_fades_pass_a_plain_colour(name: str, colour: int) -> None:
    assert (MIXES[name](OLD, NEW, 0.5) == colour).all()
    assert (MIXES[name](OLD, NEW, 0.25) == (60 + colour) / 2).all()


@pytest.mark.parametrize("name", [name for name in MIXES if name.startswith("wipe")])
def test_a_hard_wipe_shows_one_or_the_other(name: str) -> None:
    picture: NDArray[np.float32] = MIXES[name](OLD, NEW, 0.5)
    assert np.isin(picture.round(3), (60, 180)).mean() > 0.9


def test_a_push_moves_both() -> None:
    old, new = (
        np.tile(np.arange(64.0, dtype=np.float32), (36, 1)),
        np.full((36, 64), 99, np.float32),
    )
    assert MIXES["push 1"](old, new, 0.25)[0].tolist() == [*range(16, 64), *[99] * 16]
    assert MIXES["cover 1"](old, new, 0.25)[0].tolist() == [*[99] * 16, *range(16, 64)]


def test_those_that_come_often_are_among_all() -> None:
    assert set(OFTEN) <= set(MIXES)
