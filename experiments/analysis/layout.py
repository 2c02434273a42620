"""The layout of an experiment: its arms, its phases, and what each phase promised each arm."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np

from experiments.analysis.stats.records import FloatArray, IntArray
from experiments.models import Arm, Cell, Experiment, Phase
from experiments.surface import Surface


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Arms, phases and cells of an experiment, read once and handed to every query.

    Attributes:
        experiment_id: whose they are.
        arms: (K,), the control first.
        phases: in the order of time, (P,); none before the first opens.
        shares: of each arm in each phase, in the order of time, (P, K); 0 for an arm that a phase
            does not have. Before the first phase opens, the arms' weights.
        cells: the row of its phase and the column of its arm, by primary key of each cell of the
            surface that is asked for.
        watermark: a number that grows with every change of the counts.
    """

    experiment_id: int
    arms: tuple[Arm, ...]
    phases: tuple[Phase, ...]
    shares: FloatArray
    cells: dict[int, tuple[int, int]]
    watermark: int

    @classmethod
    def of(cls, experiment: Experiment, surface: Surface = Surface.FEED) -> Self:
        """Read the layout as it is now; a surface that nobody saw yet has no phase and no cell."""
        cells = Cell.objects.filter(phase__experiment=experiment, surface=surface)
        cells = cells.select_related("phase", "arm")
        found = list(cells.order_by("phase__number"))
        # From the start on every arm has a cell; a draft has arms alone.
        arms = _distinct(found) if found else tuple(experiment.arms.order_by("index"))
        column = {arm.pk: place for place, arm in enumerate(arms)}
        phases = {cell.phase.number: cell.phase for cell in found}
        row = {number: place for place, number in enumerate(phases)}
        places = {c.pk: (row[c.phase.number], column[c.arm_id]) for c in found}
        shares = np.zeros((len(row), len(arms)))
        for cell in found:
            shares[places[cell.pk]] = cell.share
        if not found:
            shares = np.array([[arm.weight for arm in arms]])
        watermark = sum(cell.counted for cell in found)
        return cls(experiment.pk, arms, tuple(phases.values()), shares, places, watermark)

    @property
    def names(self) -> tuple[str, ...]:
        """The arms' names, (K,)."""
        return tuple(arm.name for arm in self.arms)

    def arm(self, cell: int) -> Arm:
        """Return the arm of a cell."""
        return self.arms[self.cells[cell][1]]

    def places(self, cells: IntArray) -> tuple[IntArray, IntArray]:
        """Return the row of the phase and the column of the arm of each cell, (N,) each."""
        table = np.zeros((2, max(self.cells, default=0) + 1), dtype=np.int64)
        for cell, place in self.cells.items():
            table[:, cell] = place
        phase, arm = table[:, cells]
        return phase, arm


def _distinct(cells: Iterable[Cell]) -> tuple[Arm, ...]:
    """Return the arms of cells, each once, the control first."""
    arms = {cell.arm_id: cell.arm for cell in cells}
    return tuple(sorted(arms.values(), key=lambda arm: arm.index))
