"""One thread tries a database that hangs; the others are told at once."""

from threading import Event, Thread

import pytest

from server.database.patience import Patience, UnansweredError


def in_vain() -> None:
    raise UnansweredError("no answer within 1 s")


def test_answers_come_through() -> None:
    assert Patience().wait_for(lambda: "row") == "row"


def test_while_one_tries_a_database_that_hangs_the_others_are_told_at_once() -> None:
    patience, has_begun, goes_on = Patience(), Event(), Event()

    def slow_answer() -> None:
        has_begun.set()
        goes_on.wait()

    with pytest.raises(UnansweredError, match="no answer within"):
        patience.wait_for(in_vain)
    one = Thread(target=patience.wait_for, args=(slow_answer,))
    one.start()
    has_begun.wait()
    with pytest.raises(UnansweredError, match="the database hangs"):
        patience.wait_for(lambda: "row")
    goes_on.set()
    one.join()
    assert patience.wait_for(lambda: "row") == "row"


def test_after_a_try_in_vain_the_next_one_tries() -> None:
    patience = Patience()
    for _ in range(3):
        with pytest.raises(UnansweredError, match="no answer within"):
            patience.wait_for(in_vain)
