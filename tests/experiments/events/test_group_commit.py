"""Threads that meet are answered together, and each hears of what it brought."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from threading import Event, Lock

import pytest

from experiments.events import group_commit
from experiments.events.group_commit import GroupCommit
from tests.waiting import wait_until

PATIENCE_S = 60.0


class Work:
    """Doubles numbers; can be held up, and fails where one of them is negative."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.may_go_on, self.has_begun = Event(), Event()
        self.lock = Lock()
        self.error: BaseException = OSError("the table is away")

    def __call__(self, numbers: Sequence[int]) -> list[int]:
        assert self.lock.acquire(blocking=False), "two at once"
        try:
            self.has_begun.set()
            assert self.may_go_on.wait(PATIENCE_S)
            self.groups.append(list(numbers))
            if min(numbers) < 0:
                raise self.error
            return [2 * number for number in numbers]
        finally:
            self.lock.release()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test fail, and not merely go on, where somebody waits for those who never come."""
    monkeypatch.setattr(group_commit, "GATHERING_S", 1e6)


def together(
    work: Work, first: int, others: list[int]
) -> tuple[GroupCommit[int, int], list[Future[int]]]:
    """Bring one number, and all the others while it is worked on."""
    group: GroupCommit[int, int] = GroupCommit(work)
    with ThreadPoolExecutor(1 + len(others)) as threads:
        futures = [threads.submit(group.do, first)]
        assert work.has_begun.wait(PATIENCE_S)
        futures += [threads.submit(group.do, number) for number in others]
        wait_until(lambda: len(group._waiting) == len(others), "the others wait")
        work.may_go_on.set()
    return group, futures


def test_what_waits_is_answered_together() -> None:
    work = Work()
    _, told = together(work, 1, [2, 3, 4])
    assert [future.result() for future in told] == [2, 4, 6, 8]
    assert [sorted(group) for group in work.groups] == [[1], [2, 3, 4]]


@pytest.mark.parametrize("error", [OSError("the table is away"), SystemExit("away")])
def test_an_error_reaches_all_of_its_group_and_no_other(error: BaseException) -> None:
    """Also one that ends a thread: whoever shared its work must not think the rows stored."""
    work = Work()
    work.error = error
    group, (first, *others) = together(work, 1, [2, -1, 3])
    assert first.result() == 2
    for future in others:
        with pytest.raises(type(error), match="away"):
            future.result()
    assert group.do(4) == 8


@pytest.mark.usefixtures("patient")
def test_one_alone_waits_for_nobody() -> None:
    work = Work()
    work.may_go_on.set()
    group: GroupCommit[int, int] = GroupCommit(work)
    assert [group.do(number) for number in (1, 2, 3)] == [2, 4, 6]
    assert work.groups == [[1], [2], [3]]


@pytest.mark.usefixtures("patient")
def test_after_a_group_the_next_waits_for_as_many() -> None:
    work = Work()
    group, _ = together(work, 1, [2, 3])
    with ThreadPoolExecutor(2) as threads:
        told = [threads.submit(group.do, number) for number in (4, 5)]
        assert [future.result() for future in told] == [8, 10]
    assert [sorted(numbers) for numbers in work.groups] == [[1], [2, 3], [4, 5]]


def test_it_waits_no_longer_than_a_moment() -> None:
    work = Work()
    group, _ = together(work, 1, [2, 3])
    assert (group.do(4), group.do(5)) == (8, 10)
    assert work.groups[2:] == [[4], [5]]


def test_many_threads_hear_each_of_its_own() -> None:
    """Nobody is forgotten, whoever leads and whenever they come."""
    work = Work()
    work.may_go_on.set()
    group: GroupCommit[int, int] = GroupCommit(work)

    def ask(first: int) -> list[int]:
        return [group.do(number) for number in range(first, first + 200)]

    with ThreadPoolExecutor(8) as threads:
        told = [*chain.from_iterable(threads.map(ask, range(0, 1600, 200)))]
    assert told == [2 * number for number in range(1600)]
    assert sorted(chain.from_iterable(work.groups)) == [*range(1600)]
