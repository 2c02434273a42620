"""From events to counts: incremental, exact, and safe to kill at any statement.

Every writer leaves a journal row with the hours that it touched, in the transaction that stores
its events. A rollup takes the journal's rows away and counts those hours and days anew from the
events, in one transaction. Why no event can slip between: the journal is read first, the events
afterwards, so that whatever a taken row announced is seen; what commits later leaves its own row
for the next time. A rollup that dies rolls back, journal and counts together. One that runs twice
finds an empty journal. docs/events.md has the argument in full.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from experiments.impressions import DAY_MS, HOUR_MS, Step, first_key
from experiments.storage import ROLLUP_LOCK, ensure_days, now_ms

HOURS_A_DAY = DAY_MS // HOUR_MS
DAYS_AHEAD = 2

# One pass with a filter a step: half the groups, and so half the time, of grouping by step.
SUMS = ", ".join(
    [f"count(*) FILTER (WHERE key & 7 = {int(step)}) AS {step.name.lower()}" for step in Step]
    + ["coalesce(sum(watched_ms), 0) AS watched_ms"]
)
_COUNTS = "served, loaded, viewable, animated, click, watched, watched_ms"
FLAGS = "(context >> 10) & 15"
BAND = """CASE WHEN context & 255 < 3 THEN 0 WHEN context & 255 < 10 THEN 1
                WHEN context & 255 < 30 THEN 2 ELSE 3 END"""


@dataclass(frozen=True, slots=True)
class RollupResult:
    """What one rollup counted anew.

    Attributes:
        hours: how many hours had new events.
        days: how many days these hours lie in.
    """

    hours: int
    days: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A day whose stored counts are not those of its events.

    Attributes:
        table: which table of counts.
        row: the columns of a row that only one side has, counts last.
        side: "stored" or "recomputed".
    """

    table: str
    row: tuple[object, ...]
    side: str


@dataclass(frozen=True, slots=True)
class _CountTable:
    """One table of counts and the SQL that counts a span of it anew.

    Attributes:
        name: the table.
        time: the column that holds a row's time.
        unit_ms: its step in time.
        start: a row's time from its number of steps since 2010.
        columns: what distinguishes rows, beside the time.
        events: what these columns are in the event table.
    """

    name: str
    time: str
    unit_ms: int
    start: str
    columns: str
    events: str

    def recounted(self) -> str:
        """Return SQL of the rows that one unit's events make, for the parameters `_keys`."""
        # The unit is a constant: an expression of the key would hide from the planner how few
        # groups there are, and with it the parallel plan.
        return f"""
            SELECT {self.start} AS {self.time}, {self.columns}, {_COUNTS} FROM (
                SELECT {self.events}, {SUMS}
                FROM experiments_event WHERE key >= %s AND key < %s
                GROUP BY {self.columns}) AS counted"""  # noqa: S608  constants of ours

    def kept(self) -> str:
        """Return SQL of the rows that are kept for one unit, its parameter."""
        return f"""SELECT {self.time}, {self.columns}, {_COUNTS} FROM {self.name}
            WHERE {self.time} = {self.start}"""  # noqa: S608

    def recount(self, cursor: CursorWrapper, unit: int) -> None:
        """Replace the rows of one unit of time."""
        cursor.execute(f"CREATE TEMP TABLE fresh AS {self.recounted()}", self._keys(unit))
        cursor.execute(f"DELETE FROM {self.name} WHERE {self.time} = {self.start}", [unit])  # noqa: S608
        cursor.execute(
            f"INSERT INTO {self.name} ({self.time}, {self.columns}, {_COUNTS}) TABLE fresh"
        )
        cursor.execute("DROP TABLE fresh")

    def differences(self, cursor: CursorWrapper, unit: int) -> list[Difference]:
        """Return the rows of one unit that only one of counts and events has."""
        found = []
        for side, sql, parameters in (
            (
                "recomputed",
                f"({self.recounted()}) EXCEPT ({self.kept()})",
                [*self._keys(unit), unit],
            ),
            ("stored", f"({self.kept()}) EXCEPT ({self.recounted()})", [unit, *self._keys(unit)]),
        ):
            cursor.execute(sql, parameters)
            found += [Difference(self.name, row, side) for row in cursor.fetchall()]
        return found

    def _keys(self, unit: int) -> list[int]:
        """Return the unit and the bounds of its keys."""
        return [unit, *(first_key(ms) for ms in (unit * self.unit_ms, (unit + 1) * self.unit_ms))]


_DAY = _CountTable(
    name="experiments_daycount",
    time="day",
    unit_ms=DAY_MS,
    start="date '2010-01-01' + %s",
    columns="cell, flags, video",
    events=f"cell, {FLAGS} AS flags, video",
)
_HOUR = _CountTable(
    name="experiments_hourcount",
    time="hour",
    unit_ms=HOUR_MS,
    start="timestamptz '2010-01-01 00:00+00' + %s * interval '1 hour'",
    columns="cell, band, device, flags",
    events=f"cell, {BAND} AS band, (context >> 8) & 3 AS device, {FLAGS} AS flags",
)


def roll_up() -> RollupResult:
    """Bring the counts up to date with every event committed so far."""
    today = now_ms() // DAY_MS
    ensure_days(range(today, today + DAYS_AHEAD + 1))
    with transaction.atomic():
        _wait_for_other_rollups()
        hours = _take_journal()
        days = sorted({hour // HOURS_A_DAY for hour in hours})
        with connection.cursor() as cursor:
            # Where the planner cannot know how few the groups are, it would sort on disk.
            cursor.execute("SET LOCAL enable_sort = off")
            for day in days:
                _DAY.recount(cursor, day)
            for hour in hours:
                _HOUR.recount(cursor, hour)
    return RollupResult(len(hours), len(days))


def check(days: Sequence[int]) -> list[Difference]:
    """Count days (from 2010-01-01) anew from the events and return what differs.

    Days with events that no rollup has seen yet are left out: they differ by right.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT unnest(hours) / %s FROM experiments_arrival", [HOURS_A_DAY])
        waiting = {day for (day,) in cursor.fetchall()}
        differences: list[Difference] = []
        for day in sorted(set(days) - waiting):
            differences += _DAY.differences(cursor, day)
            for hour in range(day * HOURS_A_DAY, (day + 1) * HOURS_A_DAY):
                differences += _HOUR.differences(cursor, hour)
    return differences


def counted_days() -> list[int]:
    """Return the days (from 2010-01-01) that have counts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT day - date '2010-01-01' FROM experiments_daycount ORDER BY 1"
        )
        return [day for (day,) in cursor.fetchall()]


def _wait_for_other_rollups() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ROLLUP_LOCK])


def _take_journal() -> list[int]:
    """Take the journal's rows away and return their hours, ascending."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH taken AS (DELETE FROM experiments_arrival RETURNING hours)"
            " SELECT DISTINCT unnest(hours) AS hour FROM taken ORDER BY hour"
        )
        return [hour for (hour,) in cursor.fetchall()]
