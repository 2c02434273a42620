"""Impressions that feeds give out, counted by cell, to see how many never report.

Serving writes nothing. Each process adds up what it gave, and writes the sums when it renews its
snapshot; one that is killed loses those of its last seconds.
"""

from collections import Counter
from collections.abc import Iterable
from threading import Lock

from django.db import connection

from experiments.events.clock import now_ms
from experiments.events.keys import DAY_MS, date_of

Cell = tuple[int, int, int]  # primary key of the experiment, number of the phase, index of the arm

# One order for all processes: two that write the same cells cannot wait for each other.
_ADD = """
INSERT INTO experiments_givencount AS kept (day, cell, impressions)
SELECT given.day, cell.id, given.impressions
FROM unnest(%s::date[], %s::integer[], %s::integer[], %s::integer[], %s::bigint[])
    AS given (day, experiment, phase, arm, impressions)
JOIN experiments_phase AS phase
    ON phase.experiment_id = given.experiment AND phase.number = given.phase
JOIN experiments_arm AS arm ON arm.experiment_id = given.experiment AND arm.index = given.arm
JOIN experiments_cell AS cell
    ON cell.phase_id = phase.id AND cell.arm_id = arm.id AND cell.surface = 0
ORDER BY given.day, cell.id
ON CONFLICT (day, cell) DO UPDATE SET impressions = kept.impressions + EXCLUDED.impressions
"""


class GivenTally:
    """Adds up what one process gives out, until it is written."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._given: Counter[tuple[int, Cell]] = Counter()

    def add(self, cells: Iterable[Cell]) -> None:
        """Count an impression of each of these cells, today."""
        day = now_ms() // DAY_MS
        with self._lock:
            self._given.update((day, cell) for cell in cells)

    def write(self) -> None:
        """Write what was given since the last time.

        Raises:
            DatabaseError: where it cannot be written; it is kept for the next time.
        """
        with self._lock:
            given, self._given = self._given, Counter()
        if not given:
            return
        rows = [(date_of(day), *cell, number) for (day, cell), number in given.items()]
        try:
            with connection.cursor() as cursor:
                cursor.execute(_ADD, [list(column) for column in zip(*rows, strict=True)])
        except Exception:
            with self._lock:
                self._given.update(given)
            raise
