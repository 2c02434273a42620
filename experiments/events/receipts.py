"""Receipts: the outcome of each batch or file, and the count of what was not stored."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from experiments.models import Rejection

DUPLICATE = "duplicate"
SAMPLE_CHARS = 300
Refusal = tuple[str, int | None]  # the reason, and the experiment where it is known


@dataclass(slots=True)
class Receipt:
    """A batch's outcome: accepted + duplicate + all rejected = events sent.

    Attributes:
        accepted: how many are stored now.
        refused: how many are not, by reason and experiment; a repeat is one of them.
        samples: the first of each reason.
        visits: day (since 2010) and viewer of each event whose token is true.
    """

    accepted: int = 0
    refused: Counter[Refusal] = field(default_factory=Counter)
    samples: dict[str, str] = field(default_factory=dict, repr=False)
    visits: set[tuple[int, int]] = field(default_factory=set, repr=False)

    @property
    def duplicate(self) -> int:
        """How many were stored before."""
        return sum(events for (reason, _), events in self.refused.items() if reason == DUPLICATE)

    @property
    def rejected(self) -> Counter[str]:
        """How many are refused, by reason."""
        found: Counter[str] = Counter()
        for (reason, _), events in self.refused.items():
            if reason != DUPLICATE:
                found[reason] += events
        return found

    def reject(
        self, reason: str, sample: object, experiment: int | None = None, events: int = 1
    ) -> None:
        """Count refused events and keep the first of their reason."""
        self.refused[reason, experiment] += events
        self.samples.setdefault(
            reason, str(sample).replace("\0", "\N{REPLACEMENT CHARACTER}")[:SAMPLE_CHARS]
        )

    def repeat(self, experiment: int | None, events: int = 1) -> None:
        """Count events that were stored before."""
        self.refused[DUPLICATE, experiment] += events

    def add(self, other: Self) -> None:
        """Add what became of another part."""
        self.accepted += other.accepted
        self.refused += other.refused
        self.samples = other.samples | self.samples

    def keep(self) -> None:
        """Keep what was refused: a count by reason and experiment, and a sample of each reason."""
        if not self.refused:
            return
        Rejection.objects.bulk_create([
            Rejection(
                reason=reason, experiment=experiment, events=events,
                sample=self.samples.get(reason, ""),
            )
            for (reason, experiment), events in self.refused.items()
        ])  # fmt: skip

    def as_json(self) -> dict[str, object]:
        """Return what the client is told."""
        return {
            "accepted": self.accepted,
            "duplicate": self.duplicate,
            "rejected": dict(self.rejected),
        }


def forget_samples(before: datetime) -> int:
    """Forget the samples of events that were refused before; their counts stay."""
    return Rejection.objects.filter(at__lt=before).exclude(sample="").update(sample="")
