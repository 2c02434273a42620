"""The API, asked whatever its schema allows, far more often than the suite has time for."""

import pytest
from django.core.handlers.wsgi import WSGIHandler

from tests.server.api.test_schema import ask_every_operation, site, token

__all__ = ["site", "token"]  # fixtures
pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]
EXAMPLES = 100


def test_no_answer_is_a_failure_or_not_in_the_schema(token: str, site: WSGIHandler) -> None:
    tried = ask_every_operation(token, site, EXAMPLES)
    print(f"\n{tried} operations of the API, {EXAMPLES} requests each: as the schema says")
