"""libpq's own calls on Django's connection: the same answers, transactions and errors."""

import pytest
from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InternalError,
    OperationalError,
    ProgrammingError,
    connection,
    transaction,
)

from experiments.events.direct import fetch_bigints

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("numbers", [[], [0], [-1, 2**63 - 1, -(2**63)], list(range(500))])
def test_numbers_come_back_as_they_went(numbers: list[int]) -> None:
    text = "{" + ",".join(map(str, numbers)) + "}"
    found = fetch_bigints(b"SELECT $1::bigint[]", [text.encode()])
    assert found == tuple(numbers)


def test_null_is_no_number() -> None:
    assert fetch_bigints(b"SELECT NULL::bigint[]", []) == ()


def test_each_connection_has_a_statement_prepared_once() -> None:
    prepared = "SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT $1::bigint[]'"
    for number in (b"{1}", b"{2}"):
        fetch_bigints(b"SELECT $1::bigint[]", [number])
        with connection.cursor() as cursor:
            cursor.execute(prepared)
            assert cursor.fetchone() == (1,)


def test_a_statement_that_cannot_be_prepared_says_so_each_time() -> None:
    for _ in range(2):
        with pytest.raises(ProgrammingError, match="not_there"), transaction.atomic():
            fetch_bigints(b"SELECT key FROM not_there WHERE key = $1", [b"1"])


def test_errors_are_those_of_django_and_leave_the_transaction_to_its_savepoint() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE once (key bigint PRIMARY KEY)")
    insert = (
        b"WITH made AS (INSERT INTO once VALUES ($1) RETURNING key) SELECT array_agg(key) FROM made"
    )
    assert fetch_bigints(insert, [b"7"]) == (7,)
    with pytest.raises(IntegrityError, match="duplicate key"), transaction.atomic():
        fetch_bigints(insert, [b"7"])
    with pytest.raises(DataError, match="invalid input syntax"), transaction.atomic():
        fetch_bigints(insert, [b"seven"])
    assert fetch_bigints(insert, [b"8"]) == (8,)


def test_what_a_transaction_takes_back_is_gone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE once (key bigint)")
        with transaction.atomic():
            insert = b"WITH made AS (INSERT INTO once VALUES (1)) SELECT NULL::bigint[]"
            fetch_bigints(insert, [])
            transaction.set_rollback(True)
        cursor.execute("SELECT count(*) FROM once")
        assert cursor.fetchone() == (0,)


AT_COMMIT = """
CREATE TEMP TABLE once (key bigint);
CREATE FUNCTION pg_temp.fail() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {}; END$$;
CREATE CONSTRAINT TRIGGER fails AFTER INSERT ON once DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION pg_temp.fail();
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("fails", "error"),
    [
        ("RAISE EXCEPTION 'no room' USING ERRCODE = 'XX000'", InternalError),
        ("PERFORM pg_terminate_backend(pg_backend_pid()), pg_sleep(60)", OperationalError),
    ],
    ids=["cannot write", "dies"],
)
def test_what_fails_at_the_commit_was_not_stored(fails: str, error: type[DatabaseError]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(AT_COMMIT.format(fails))
    insert = (
        b"WITH made AS (INSERT INTO once VALUES (7) RETURNING key) SELECT array_agg(key) FROM made"
    )
    with pytest.raises(error):
        fetch_bigints(insert, [])
    connection.close()
