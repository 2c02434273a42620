"""Refused events by experiment and reason: what a report says was not stored, repeats among it.

Requests leave a row each (`Receipt.keep`); the rollup adds the new ones up, in its transaction, so
that each is counted once and a report reads a handful of rows. Then it folds those of a day into
one row by reason and experiment, with the last sample: what a client can have kept of what it sends
has a bound.
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

_FOLD = """
WITH many AS (
    SELECT (at AT TIME ZONE 'UTC')::date AS day, reason, experiment
    FROM experiments_rejection WHERE is_counted GROUP BY 1, 2, 3
    HAVING count(*) > 1 AND sum(events) < 2147483648
), folded AS (
    DELETE FROM experiments_rejection AS one USING many
    WHERE is_counted AND (one.at AT TIME ZONE 'UTC')::date = day AND one.reason = many.reason
      AND one.experiment IS NOT DISTINCT FROM many.experiment
    RETURNING day, one.*
)
INSERT INTO experiments_rejection (at, reason, experiment, events, sample, is_counted)
SELECT max(at), reason, experiment, sum(events), (array_agg(sample ORDER BY at DESC))[1], TRUE
FROM folded GROUP BY day, reason, experiment
"""


def count_refused(cursor: CursorWrapper) -> None:
    """Add up what was refused since the last time, within a rollup's transaction."""
    cursor.execute(_COUNT)
    cursor.execute(_FOLD)
