import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from server.roles import Role
from server.templatetags.roles import is_at_least
from tests.server.people import person

pytestmark = pytest.mark.django_db


def test_a_role_may_what_those_before_it_may() -> None:
    analyst = person(Role.ANALYST)
    assert [is_at_least(analyst, name) for name in ("analyst", "operator")] == [True, False]
    assert is_at_least(User(is_superuser=True), "administrator")
    assert not is_at_least(AnonymousUser(), "viewer_of_reports")


def test_a_page_asks_once_who_reads_it() -> None:
    operator = person(Role.OPERATOR)
    with CaptureQueriesContext(connection) as asked:
        seen = [is_at_least(operator, role.name) for role in Role]
    assert (len(asked), seen) == (1, [True, True, True, True, False])
