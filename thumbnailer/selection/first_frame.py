"""A control: a GIF's first frame as a still. What the GIF gains on it, it gains by moving."""

from thumbnailer.results import Candidate
from thumbnailer.selection.parts.base import Declaration, Media, Selector, ShotTable


class FirstFrame:
    """Shows the first frame of each GIF that another selector ranks."""

    media = Media.STILL

    def __init__(self, gifs: Selector) -> None:
        self._gifs = gifs
        self.version = f"first_frame-{gifs.version}"
        self.note = "; ".join(filter(None, ("a control: the first frame of a GIF", gifs.note)))

    def rank(self, shots: ShotTable, *, seed: int) -> tuple[Candidate, ...]:
        """Return the first shots of the GIFs' candidates, each once, with its best score."""
        scores: dict[float, float] = {}
        for gif in self._gifs.rank(shots, seed=seed):
            scores.setdefault(gif.starts_s[0], gif.score)
        return tuple(Candidate((start_s,), score) for start_s, score in scores.items())


SELECTOR = Declaration("first_frame", FirstFrame, built_on=("gevaden",))
