"""SQL of one engine: the few expressions that engines write differently, side by side.

Whatever is counted is written once, in `cubes`, and printed by one of these.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """Templates, filled in by `str.format`; a value or condition is SQL, the others are numbers.

    Attributes:
        events: the table of events, by a name of the statement's own.
        viewer_flags: the table of viewers' flags, called flagged.
        shifted: a value moved to the right by so many bits.
        masked: the bits of a value that a mask has.
        either: the bits that one value or another has.
        quotient: a whole number divided by another, without the rest.
        count_if: how many rows of a group fulfil a condition.
        sum_if: the sum of a value over them.
        one_of: whether a column of some type has one of these values.
        type_of: whole numbers by their size in bytes.
    """

    events: str
    viewer_flags: str
    shifted: str
    masked: str
    either: str
    quotient: str
    count_if: str
    sum_if: str
    one_of: str
    type_of: Mapping[int, str]

    def cast(self, value: str, size_bytes: int) -> str:
        """Return a value as a whole number of a size."""
        return f"CAST({value} AS {self.type_of[size_bytes]})"

    def is_one_of(self, column: str, size_bytes: int, values: Collection[int]) -> str:
        """Return whether a column has one of some values, which may be none."""
        if not values:
            return "1 = 0"
        listed = ", ".join(map(str, values))
        return self.one_of.format(column=column, type=self.type_of[size_bytes], values=listed)


POSTGRES = Dialect(
    events="experiments_event AS {name}",
    viewer_flags="experiments_viewerflag AS flagged",
    shifted="({value} >> {bits})",
    masked="({value} & {mask})",
    either="({value} | {other})",
    quotient="({value} / {divisor})",
    count_if="count(*) FILTER (WHERE {condition})",
    sum_if="sum({value}) FILTER (WHERE {condition})",
    # Of the column's own type, so that Postgres hashes the values instead of trying each.
    one_of="{column} = ANY('{{{values}}}'::{type}[])",
    type_of={2: "smallint", 4: "integer", 8: "bigint"},
)
CLICKHOUSE = Dialect(
    events="events AS {name} FINAL",
    viewer_flags="(SELECT viewer, day, groupBitOr(flags) AS flags FROM viewer_flags"
    " GROUP BY viewer, day) AS flagged",
    shifted="bitShiftRight({value}, {bits})",
    masked="bitAnd({value}, {mask})",
    either="bitOr({value}, {other})",
    quotient="intDiv({value}, {divisor})",
    count_if="countIf({condition})",
    sum_if="sumIf({value}, {condition})",
    one_of="{column} IN ({values})",
    type_of={2: "Int16", 4: "Int32", 8: "Int64"},
)
