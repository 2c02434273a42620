"""The first account, and who may make it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import connection

from server import first_operator
from server.first_operator import FirstOperatorError, WrongCodeError
from server.models import FirstOperatorCode

PASSWORD = "a password of nobody else"


@pytest.mark.django_db
def test_the_code_makes_one_account_that_may_do_everything() -> None:
    code = first_operator.new_code() or ""
    made = first_operator.make(f" {code}\n", "ada", PASSWORD)
    assert (made.is_staff, made.is_superuser, made.check_password(PASSWORD)) == (True, True, True)
    assert not FirstOperatorCode.objects.exists()
    with pytest.raises(FirstOperatorError, match="has been made: log in"):
        first_operator.make(code, "bob", PASSWORD)
    assert first_operator.new_code() is None


@pytest.mark.django_db
def test_only_the_last_code_is_right_and_none_can_be_guessed_or_read() -> None:
    old, new = first_operator.new_code() or "", first_operator.new_code() or ""
    assert len({old, new}) == 2
    assert len(new) == 22  # 128 bits in Base64
    assert new not in str(FirstOperatorCode.objects.values())
    for wrong in (old, "", new[:-1]):
        with pytest.raises(WrongCodeError, match="each start of the site prints a new one"):
            first_operator.make(wrong, "ada", PASSWORD)
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_makes_it() -> None:
    code = first_operator.new_code() or ""

    def made(number: int) -> bool:
        try:
            first_operator.make(code, f"user-{number}", PASSWORD)
        except FirstOperatorError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(made, range(8))) == 1
    assert User.objects.count() == 1
