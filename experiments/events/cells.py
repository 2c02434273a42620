"""The cells that events name: those of feeds are there from a phase's start, others when needed."""

from functools import lru_cache

from django.db import connection

from experiments.errors import TokenError
from experiments.models import Cell
from experiments.surface import Surface

_OPEN = """
INSERT INTO experiments_cell (phase_id, arm_id, share, counted, surface)
SELECT cell.phase_id, cell.arm_id, cell.share, 0, %s
FROM experiments_cell AS cell JOIN experiments_phase AS phase ON phase.id = cell.phase_id
WHERE phase.experiment_id = %s AND cell.surface = 0 ON CONFLICT DO NOTHING
"""


@lru_cache(maxsize=4096)
def cell_of(experiment: int, phase: int, arm: int, surface: Surface) -> int:
    """Return the primary key of a cell, which is made where the surface is new to the experiment.

    Args:
        experiment: primary key.
        phase: number of the phase.
        arm: index of the arm.
        surface: where the picture was shown.

    Raises:
        TokenError: where there is no such phase or arm; that is asked again, for it may come.
    """
    found = _found(experiment, phase, arm, surface)
    if found is None and surface is not Surface.FEED:
        open_surface(experiment, surface)
        found = _found(experiment, phase, arm, surface)
    if found is None:
        raise TokenError("unknown_experiment")
    return found


def open_surface(experiment: int, surface: Surface) -> None:
    """Give every arm and phase so far of an experiment its cell of a surface."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [int(surface), experiment])


def _found(experiment: int, phase: int, arm: int, surface: Surface) -> int | None:
    cells = Cell.objects.filter(
        phase__experiment=experiment, phase__number=phase, arm__index=arm, surface=surface
    )
    return cells.values_list("pk", flat=True).first()
