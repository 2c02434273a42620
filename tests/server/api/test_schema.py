"""The API's schema: every address is in it, and answers as it says, whatever is asked."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from experiments.access_keys import issue
from tests.addresses import routes
from tests.experiments.analysis.report.cast import counted_study

pytestmark = pytest.mark.django_db
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
EXAMPLES = 3  # of each operation; `make fuzz` asks a hundred times


def document() -> dict[str, Any]:
    found: dict[str, Any] = Client().get("/api/v1/schema?format=json").json()
    return found


def test_every_address_of_the_api_is_in_it() -> None:
    told = {path.replace("{", "<").replace("}", ">") for path in document()["paths"]}
    served = {
        "/" + re.sub(r"<\w+:", "<", route) for route in routes() if route.startswith("api/v1/")
    }
    assert served - told == {"/api/v1/schema", "/api/v1/docs"}


def test_it_names_how_to_come_in_and_how_it_refuses() -> None:
    found = document()
    assert found["openapi"].startswith("3.")
    assert found["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    act = found["paths"]["/api/v1/experiments/{slug}/pause"]["post"]
    assert {"200", "400", "401", "403", "404", "409", "422"} <= set(act["responses"])
    assert "Idempotency-Key" in {each["name"] for each in act["parameters"]}


@pytest.fixture
def token(admin_user: User) -> str:
    counted_study(ended=False)
    return issue("a test", ["manage"], user=admin_user)[1]


@pytest.fixture
def site() -> Iterator[WSGIHandler]:
    """Give Django's application, which closes no connection: the test's transaction is in it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield WSGIHandler()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_no_answer_is_a_failure_or_not_in_it(token: str, site: WSGIHandler) -> None:
    assert ask_every_operation(token, site, EXAMPLES) > 20


def ask_every_operation(token: str, site: WSGIHandler, examples: int) -> int:
    """Ask each operation so often, with whatever the schema allows; return how many there are."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema?format=json", site)
    headers = {"Authorization": f"Bearer {token}"}
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]
        assert operation is not None
        cases = operation.as_strategy()

        @settings(max_examples=examples, database=None, suppress_health_check=list(HealthCheck))
        @given(cases, st.booleans())
        def ask(case: Any, is_there: bool) -> None:
            if is_there and "slug" in case.path_parameters:
                case.path_parameters["slug"] = "pilot-0" if "/videos/" in case.path else "pilot"
            with transaction.atomic():
                case.call_and_validate(headers=headers, checks=list(CHECKS))
                transaction.set_rollback(True)

        ask()
        tried += 1
    return tried
