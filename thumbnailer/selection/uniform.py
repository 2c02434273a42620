"""A control: the shots at one, three and five sixths of what may be chosen."""

from thumbnailer.results import Candidate
from thumbnailer.selection.parts.base import Declaration, Media, ShotTable


class Uniform:
    """Looks at nothing but the length."""

    version = "uniform-1"
    media = Media.GIF
    note = ""

    def rank(self, shots: ShotTable, *, seed: int) -> tuple[Candidate, ...]:
        """Return the one answer there is; the seed changes nothing."""
        del seed
        count = len(shots.eligible)
        starts_s = tuple(float(shots.eligible[count * sixth // 6]) for sixth in (1, 3, 5))
        return (Candidate(starts_s, 0.0),)


SELECTOR = Declaration("uniform", Uniform)
