"""A pass's record of what is lost, broken or doubtful."""

from dataclasses import dataclass, field

from thumbnailer.video.checksums import Checksums
from thumbnailer.video.container import OpenVideo
from thumbnailer.video.decode import FilmFrame
from thumbnailer.video.ends import EndWatch
from thumbnailer.video.seams import SeamWatch
from thumbnailer.video.shapes import ShapeWatch

SpansS = list[tuple[float, float]]  # seconds, from and to


@dataclass(slots=True)
class DecodingLog:
    """What the pass met on its way, filled while it runs.

    Attributes:
        skipped_packets: those that could not be decoded.
        is_damaged: whether something is known to be wrong.
        broken_s: seconds that seem to show noise (thumbnailer.video.seams, .ends, .shapes).
        doubtful_s: seconds of a damaged film that may.
        spotted_s: seconds of a film that seems sound, which may.
        keyframes_s: seconds at which keyframes begin. Lists and counts are known at the end.
    """

    skipped_packets: int = 0
    is_damaged: bool = False
    broken_s: SpansS = field(default_factory=list)
    doubtful_s: SpansS = field(default_factory=list)
    spotted_s: SpansS = field(default_factory=list)
    keyframes_s: list[float] = field(default_factory=list)
    _ends: EndWatch = field(default_factory=EndWatch)
    _seams: SeamWatch = field(default_factory=SeamWatch)
    _shapes: ShapeWatch = field(default_factory=ShapeWatch)

    def note(self, each: FilmFrame) -> None:
        """Take the next frame."""
        self._ends.see(each)
        self._seams.see(each)
        self._shapes.see(each)
        if each.errors and not each.is_at_joint:
            self.is_damaged = True

    def finish(self, video: OpenVideo) -> None:
        """Judge the film after its last frame."""
        is_odd = video.is_header_odd or (video.checksums is not None and _is_odd(video.checksums))
        noise_s = self._ends.broken_s(video) + self._shapes.broken_s()
        self.skipped_packets, self.keyframes_s = video.skipped_packets, self._seams.keyframes_s
        self.is_damaged = self.is_damaged or is_odd or self.skipped_packets > 0
        self.is_damaged = self.is_damaged or bool(noise_s) or self._seams.tell_of_damage
        self.broken_s = self._seams.broken_s(is_damaged=self.is_damaged) + noise_s
        if self.is_damaged:
            self.doubtful_s = self._seams.doubtful_s() + self._shapes.doubtful_s()
        else:
            self.spotted_s = self._seams.spotted_s()


def _is_odd(checksums: Checksums) -> bool:
    """Tell whether something is wrong with the file besides its clusters."""
    return checksums.is_cut_off or checksums.are_tracks_spoilt()
