"""The feed's door: who asks for what in, slots with signed tokens out."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings

from experiments.errors import EndedError, ExperimentError
from experiments.serving import feed
from server.api.doors import Answer
from server.api.parameters import Parameters, parameters, viewer_named, whole

MAX_PAGE = 10_000
NOT_KEPT = {"Cache-Control": "no-store"}
ONLY_GET = Answer(
    HTTPStatus.METHOD_NOT_ALLOWED, {"error": "a feed is asked for by GET"}, {"Allow": "GET"}
)


def show_feed(environ: Mapping[str, Any]) -> Answer:
    """Answer with a page of the feed; nothing is queried and nothing written.

    Raises:
        ParameterError: for a parameter that cannot be meant.
        DatabaseError, NotReadyError: where what is known is too old and the database is away.
    """
    if environ["REQUEST_METHOD"] != "GET":
        return ONLY_GET
    try:
        shown = _asked_for(parameters(environ), tracked=may_be_tracked(environ))
    except EndedError as error:
        return Answer(HTTPStatus.GONE, {"error": str(error)})
    except ExperimentError as error:
        return Answer(HTTPStatus.NOT_FOUND, {"error": str(error)})
    return Answer(HTTPStatus.OK, shown, NOT_KEPT)


def may_be_tracked(environ: Mapping[str, Any]) -> bool:
    """Return False for a viewer who sends Do Not Track or Global Privacy Control, if honoured."""
    refuses = "1" in {environ.get("HTTP_DNT"), environ.get("HTTP_SEC_GPC")}
    return not (refuses and settings.HONOUR_DO_NOT_TRACK)


def _asked_for(given: Parameters, *, tracked: bool) -> feed.Feed:
    arm = whole(given, "arm", default=0, minimum=0, maximum=255) if "arm" in given else None
    viewer, user = viewer_named(given)
    return feed.slots(
        viewer,
        user=user,
        count=whole(given, "count", default=30, minimum=1, maximum=feed.MAX_SLOTS),
        page=whole(given, "page", default=0, minimum=0, maximum=MAX_PAGE),
        experiment=given.get("experiment"),
        arm=arm,
        tracked=tracked,
    )
