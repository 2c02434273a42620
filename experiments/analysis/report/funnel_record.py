"""The steps before a view as records: what each arm kept of its pictures, and what is missing."""

from dataclasses import dataclass

from experiments.analysis.stats.results import Estimate

ALARM = 0.01  # a smaller p, adjusted, says that arms lose unlike shares


@dataclass(frozen=True, slots=True)
class FunnelArm:
    """One arm at one step.

    Attributes:
        share: the mean over videos of the pictures that take the step.
        change: relative, against the baseline; None for that, and where none is compared.
        p_value: that it is the baseline's, adjusted for all steps and arms (Holm); of clicks for
            each picture served, which is no step, alone.
        note: why the step is none of this arm's; else empty.
    """

    arm: str
    share: float
    change: Estimate | None
    p_value: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """A step in every arm, the control first; `reason` says why there is none.

    Attributes:
        baseline: the arm that the others are compared with: the control, or of pictures that move
            the first arm whose pictures do.
    """

    name: str
    said: str
    arms: tuple[FunnelArm, ...]
    reason: str
    baseline: str = ""


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
class Unlike:
    """An arm whose pictures move less often, or more, than those of the first arm that moves.

    Attributes:
        share: of its views in which they moved, and `baseline_share` of the baseline's.
        improvement: against the control, and `moving_alike` what it would be if they moved as
            often and motion alone made it; nan where the control moves too.
    """

    arm: str
    baseline: str
    share: float
    baseline_share: float
    improvement: float
    moving_alike: float


@dataclass(frozen=True, slots=True)
class FunnelChecks:
    """The steps, and what views that are missing could do.

    Attributes:
        steps: the last is clicks for each picture served, which no missing view can bias.
        missing: of the arms whose share of views differs from the control's beyond chance.
        unlike: of the arms whose pictures do not move as often as another's, beyond chance.
    """

    steps: tuple[FunnelStep, ...]
    missing: tuple[Missing, ...]
    unlike: tuple[Unlike, ...]
