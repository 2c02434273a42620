"""The beacon's door: a batch of events in, what became of it out."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.db import connection

from experiments.errors import EventsError, TooFastError
from experiments.events import ingest
from experiments.events.networks import is_client, visit_log
from experiments.events.rates import network_rate
from experiments.events.receipts import Receipt
from server.access import network_of
from server.api.bodies import read_body
from server.api.doors import Answer
from server.ingest_times import note_size, timed_batch

ONLY_POST = Answer(
    HTTPStatus.METHOD_NOT_ALLOWED, {"error": "events are sent by POST"}, {"Allow": "POST"}
)


def take_events(environ: Mapping[str, Any]) -> Answer:
    """Store a batch; answer after the commit.

    Raises:
        OperationalError, InterfaceError, NotReadyError: where nothing could be stored.
    """
    if environ["REQUEST_METHOD"] != "POST":
        return ONLY_POST
    # No query to ask whether the connection lives: a dead one is a 503 here, closed at once.
    connection.health_check_done = True  # type: ignore[attr-defined]  # not in the stubs
    network = network_of(environ)
    try:
        body = read_body(environ)
        if is_client(network):
            network_rate.take({network: len(body)})
        with timed_batch():
            receipt = ingest.receive(body, environ.get("HTTP_USER_AGENT", ""))
    except EventsError as error:
        return _refuse_all(error)
    except TooFastError as error:
        wait = {"Retry-After": str(error.wait_s)}
        return Answer(HTTPStatus.TOO_MANY_REQUESTS, {"error": str(error)}, wait)
    note_size(receipt.accepted + receipt.refused.total())
    visit_log.note(network, receipt.visits)
    kept = receipt.accepted or receipt.duplicate or not receipt.rejected
    return Answer(HTTPStatus.OK if kept else HTTPStatus.BAD_REQUEST, receipt.as_json())


def note_origin(origin: str) -> None:
    """Count a batch of a page that may not send any."""
    receipt = Receipt()
    receipt.reject("origin", origin)
    receipt.keep()


def _refuse_all(error: EventsError) -> Answer:
    receipt = Receipt()
    receipt.reject(error.reason, error)
    receipt.keep()
    too_large = error.reason in {"too_large", "too_many"}
    return Answer(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE if too_large else HTTPStatus.BAD_REQUEST,
        {**receipt.as_json(), "error": str(error)},
    )
