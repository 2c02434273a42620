"""Refused events by experiment and reason: what a report says was not stored, repeats among it.

Requests leave a row each (`Receipt.keep`); the rollup adds the new ones up, in its transaction, so
that each is counted once and a report reads a handful of rows.
"""

from django.db.backends.utils import CursorWrapper

_COUNT = """
WITH taken AS (
    UPDATE experiments_rejection SET is_counted = TRUE WHERE NOT is_counted
    RETURNING experiment, reason, events
)
INSERT INTO experiments_refusedcount AS counted (experiment_id, reason, events)
SELECT experiment.id, taken.reason, sum(taken.events)
FROM taken JOIN experiments_experiment AS experiment ON experiment.id = taken.experiment
GROUP BY experiment.id, taken.reason
ON CONFLICT (experiment_id, reason) DO UPDATE SET events = counted.events + EXCLUDED.events
"""


def count_refused(cursor: CursorWrapper) -> None:
    """Add up what was refused since the last time, within a rollup's transaction."""
    cursor.execute(_COUNT)
