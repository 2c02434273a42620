"""The verdict: the one thing that an experiment says, computed once for every door."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from experiments.analysis.stats.metrics import Standing
from experiments.analysis.stats.power import DaysLeft


class Kind(StrEnum):
    """What an experiment says."""

    WINNER = "winner"
    NO_DIFFERENCE = "no difference"
    NOT_ENOUGH = "not enough yet"
    DO_NOT_TRUST = "do not trust"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an experiment says, and what goes with it.

    Attributes:
        kind: of the four.
        arm: the winner's name; the control's where every other arm is worse; else empty.
        wrong: sentences that say why it is not to be trusted.
        left: days of the present traffic until a difference of the margin can be told, as long as
            there is not enough; None where that cannot be said.
    """

    kind: Kind
    arm: str = ""
    wrong: tuple[str, ...] = ()
    left: DaysLeft | None = None


def verdict(
    arms: Mapping[str, Standing], *, control: str, best: str, wrong: tuple[str, ...]
) -> Verdict:
    """Return the verdict.

    Args:
        arms: where each arm that is compared stands.
        control: its name.
        best: the arm with the largest improvement among those that are better; else empty.
        wrong: what makes the numbers unfit to be read.
    """
    found = set(arms.values())
    if wrong:
        return Verdict(Kind.DO_NOT_TRUST, wrong=wrong)
    if best:
        return Verdict(Kind.WINNER, arm=best)
    if found == {Standing.WORSE}:
        return Verdict(Kind.WINNER, arm=control)
    if found and found <= {Standing.EQUAL, Standing.WORSE}:
        return Verdict(Kind.NO_DIFFERENCE)
    return Verdict(Kind.NOT_ENOUGH)
