"""Seconds built on keyframes that do not end where their pictures do (thumbnailer.video.vp8)."""

from dataclasses import dataclass, field
from itertools import pairwise

from thumbnailer.video.decode import FilmFrame

TRUSTED_SHARE = 2 / 3  # a coder that ends packets in its own way does so throughout a film


@dataclass(slots=True)
class EndWatch:
    """Notes how keyframes end, and tells afterwards what is built on those that end wrongly."""

    # Where each begins, and whether it ends well.
    _keyframes: list[tuple[float, bool]] = field(default_factory=list)
    _end_s: float = 0.0

    def see(self, each: FilmFrame) -> None:
        """Take the next frame in play order."""
        if each.is_key:
            self._keyframes.append((each.start_s, each.ends_well))
        self._end_s = each.end_s

    def broken_s(self) -> list[tuple[float, float]]:
        """Return the seconds, from and to, from each such keyframe to the next.

        None where so many end wrongly that it must be the coder's way.
        """
        well = sum(ends_well for _, ends_well in self._keyframes)
        if well < TRUSTED_SHARE * len(self._keyframes):
            return []
        spans = pairwise([*self._keyframes, (self._end_s, True)])
        return [(start_s, end_s) for (start_s, ends_well), (end_s, _) in spans if not ends_well]
