"""Findings of the note, each computed once: from the report, and from the click model."""

from collections.abc import Iterator
from dataclasses import dataclass

from experiments.analysis.report.record import Report
from experiments.analysis.stats.srm import SampleRatio
from experiments.errors import NoteError
from experiments.paper import PILOT_VIDEOS, TABLE_3, PrintedRow
from experiments.studies.pilot_note.designs import (
    UNITS,
    Significance,
    Size,
    significance,
    with_effect_sd,
)
from experiments.studies.pilot_note.duration import Duration, duration
from experiments.studies.pilot_note.paper_means import Implied, equal_split, implied
from experiments.studies.pilot_note.pooled_z import Realised, realised_rates
from experiments.studies.pilot_note.share_helped import Helped, helped, true_share
from experiments.studies.replica.experiment import DAYS
from experiments.studies.simulation.click_model import ClickModel
from experiments.unit import Unit

EFFECT_SDS = (0.0, 0.25, 0.5, 1.0, 2.0)  # log-odds; 0.25 is the click model's own
VIEWERS = (30_000, 3_000_000)  # the paper does not say how many there were
MODEL = ClickModel(position_slope=0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """All that the note states.

    Attributes:
        report: of the replica.
        printed: the paper's Table 3; `implied` and `split` follow from it alone.
        size: of the paper's pilot.
        designs: for each arm but the control, under each unit, spread and number of viewers.
        durations: for each arm but the control.
        helped: of the replica, likewise; `true_shares` are those of the click model.
        naive: realised rates of `repetitions` null experiments a cell.
    """

    report: Report
    printed: tuple[PrintedRow, ...]
    implied: tuple[Implied, ...]
    split: SampleRatio
    size: Size
    designs: tuple[tuple[int, Significance], ...]
    durations: tuple[Duration, ...]
    helped: tuple[Helped, ...]
    true_shares: tuple[float, ...]
    naive: tuple[Realised, ...]
    repetitions: int
    seed: int

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms' names, the control first."""
        return tuple(arm.name for arm in self.report.arms)

    def design(self, arm: int, unit: Unit, effect_sd: float, viewers: int) -> Significance:
        """Return one cell of the designs."""
        return next(
            cell
            for of_arm, cell in self.designs
            if (of_arm, cell.unit, cell.effect_sd, cell.viewers) == (arm, unit, effect_sd, viewers)
        )


def find(report: Report, unit: Unit, *, repetitions: int, seed: int) -> Findings:
    """Compute everything.

    Args:
        report: of an experiment with the pilot's arms.
        unit: that it randomised.
        repetitions: null experiments a cell of the naive test's table.
        seed: of those.

    Raises:
        NoteError: where the experiment is not of the pilot's arms.
    """
    printed = _printed(report)
    size = Size(PILOT_VIDEOS, sum(row.mean_views for row in printed) / len(printed), VIEWERS[-1])
    arms = range(1, len(printed))
    return Findings(
        report=report,
        printed=printed,
        implied=implied(printed),
        split=equal_split(TABLE_3, PILOT_VIDEOS),
        size=size,
        designs=tuple((arm, cell) for arm in arms for cell in _designs(arm, size)),
        durations=tuple(
            duration(MODEL, arm, videos=size.videos, views=size.views, days=DAYS) for arm in arms
        ),
        helped=tuple(helped(report.counts, unit, arm) for arm in arms),
        true_shares=tuple(true_share(MODEL, arm) for arm in arms),
        naive=realised_rates(2 * size.views, repetitions, seed),
        repetitions=repetitions,
        seed=seed,
    )


def _printed(report: Report) -> tuple[PrintedRow, ...]:
    rows = tuple(arm.paper for arm in report.arms if arm.paper is not None)
    if len(rows) < len(report.arms):
        raise NoteError(f"{report.slug} has not the pilot's arms: see `replicate_pilot`")
    return rows


def _designs(arm: int, size: Size) -> Iterator[Significance]:
    for viewers in VIEWERS:
        for unit in UNITS:
            for effect_sd in EFFECT_SDS:
                model = with_effect_sd(MODEL, effect_sd)
                yield significance(model, arm, Size(size.videos, size.views, viewers), unit)
