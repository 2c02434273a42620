"""Seconds built on packets that do not end where their pictures do (thumbnailer.video.readers)."""

from dataclasses import dataclass, field

from thumbnailer.video.container import OpenVideo
from thumbnailer.video.decode import FilmFrame


@dataclass(slots=True)
class EndWatch:
    """Notes seconds of film as they come, and tells afterwards which are broken."""

    _spans_s: list[tuple[float, float]] = field(default_factory=list)
    _is_broken: bool = False

    def see(self, each: FilmFrame) -> None:
        """Take the next frame in play order."""
        if self._is_broken:
            end_s = each.end_s if each.misread else each.start_s
            self._spans_s[-1] = self._spans_s[-1][0], end_s
        elif each.misread:
            self._spans_s.append((each.start_s, each.end_s))
        self._is_broken = each.misread > 0

    def broken_s(self, video: OpenVideo) -> list[tuple[float, float]]:
        """Return the seconds, from and to, that are built on packets that end wrongly.

        Args:
            video: read to its end.
        """
        return [] if video.ends_its_own_way else self._spans_s
