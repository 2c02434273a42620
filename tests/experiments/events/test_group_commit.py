"""Batches that meet are stored together, and each caller hears of its own rows."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Lock

import pytest

from experiments.events.group_commit import GroupCommit, Stored

PATIENCE_S = 60.0


class Table:
    """A table in memory, whose first statement can be held up; every key of 90 is another's."""

    def __init__(self) -> None:
        self.keys = set[int]()
        self.statements: list[list[int]] = []
        self.may_go_on, self.has_begun = Event(), Event()
        self.lock = Lock()
        self.error: BaseException = OSError("the table is away")

    def store(self, rows: Sequence[tuple[int]]) -> Stored:
        assert self.lock.acquire(blocking=False), "two statements at once"
        try:
            self.has_begun.set()
            assert self.may_go_on.wait(PATIENCE_S)
            keys = [key for (key,) in rows]
            self.statements.append(keys)
            if -1 in keys:
                raise self.error
            new = [key for key in keys if key not in self.keys and key < 90]
            self.keys.update(new)
            return Stored(new, [key for key in keys if key >= 90])
        finally:
            self.lock.release()


def together(table: Table, first: list[int], others: list[list[int]]) -> list[Future[list[int]]]:
    """Store one batch, and while its statement is on the way all the others."""
    writer = GroupCommit(table.store, key=lambda row: row[0])

    def store(keys: list[int]) -> list[int]:
        return writer.store([(key,) for key in keys]).new

    with ThreadPoolExecutor(1 + len(others)) as threads:
        futures = [threads.submit(store, first)]
        assert table.has_begun.wait(PATIENCE_S)
        futures += [threads.submit(store, keys) for keys in others]
        while len(writer._waiting) < len(others):
            assert not futures[0].done()
        table.may_go_on.set()
    return futures


def test_what_waits_is_stored_by_one_statement() -> None:
    table = Table()
    told = together(table, [1, 2], [[3], [4, 5], [6]])
    assert [future.result() for future in told] == [[1, 2], [3], [4, 5], [6]]
    assert len(table.statements) == 2
    assert sorted(table.statements[1]) == [3, 4, 5, 6]


def test_a_row_in_two_batches_is_new_to_one_of_them() -> None:
    table = Table()
    told = [future.result() for future in together(table, [1], [[1, 2, 3], [3, 2], [2, 4]])]
    assert told[0] == [1]
    assert sorted(key for keys in told for key in keys) == [1, 2, 3, 4]
    assert all(len(set(statement)) == len(statement) for statement in table.statements)


@pytest.mark.parametrize("error", [OSError("the table is away"), SystemExit("away")])
def test_an_error_reaches_every_batch_of_the_statement_and_no_other(error: BaseException) -> None:
    """Also one that ends a thread: whoever shared its statement must not think the rows stored."""
    table = Table()
    table.error = error
    first, *others = together(table, [1], [[2], [-1], [3]])
    assert first.result() == [1]
    for future in others:
        with pytest.raises(type(error), match="away"):
            future.result()
    assert table.keys == {1}


def test_a_batch_alone_waits_for_nobody() -> None:
    table = Table()
    table.may_go_on.set()
    writer = GroupCommit(table.store, key=lambda row: row[0])
    assert writer.store([(1,), (2,)]) == Stored([1, 2], [])
    assert writer.store([(2,), (3,), (90,)]) == Stored([3], [90])
