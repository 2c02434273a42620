"""The steps before a view as records: what each arm kept of its pictures, and what is missing."""

from dataclasses import dataclass

from experiments.analysis.stats.results import Estimate

ALARM = 0.01  # a smaller p, adjusted, says that arms lose unlike shares


@dataclass(frozen=True, slots=True)
class FunnelArm:
    """One arm at one step.

    Attributes:
        share: the mean over videos of the pictures that take the step.
        change: relative, against the control; None for the control, and where none is compared.
        p_value: that it is the control's, adjusted for all steps and arms (Holm); of clicks for
            each picture served, which is no step, alone.
    """

    arm: str
    share: float
    change: Estimate | None
    p_value: float


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """A step in every arm, the control first; `reason` says why there is none."""

    name: str
    said: str
    arms: tuple[FunnelArm, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Missing:
    """What an arm's missing views could do to its improvement.

    Attributes:
        share: views per picture served, relative to the control's.
        low, high: bounds of the improvement of the views that both arms would have.
    """

    arm: str
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class FunnelChecks:
    """The steps, and what views that are missing could do.

    Attributes:
        steps: the last is clicks for each picture served, which no missing view can bias.
        missing: of the arms whose share of views differs from the control's beyond chance.
    """

    steps: tuple[FunnelStep, ...]
    missing: tuple[Missing, ...]
