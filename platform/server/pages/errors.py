"""Answers to a person or a program when a page fails."""

import errno
import logging
import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.defaults import page_not_found

from experiments.database_away import DATABASE_AWAY
from experiments.errors import NotReadyError

RETRY_AFTER_S = 5
API = "/api/"
ERRORS = {
    HTTPStatus.INTERNAL_SERVER_ERROR: "an error of the server",
    HTTPStatus.SERVICE_UNAVAILABLE: "the database does not answer",
    HTTPStatus.INSUFFICIENT_STORAGE: "there is no room left for files",
}
logger = logging.getLogger(__name__)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404: a program in JSON, a person with the page."""
    if request.path.startswith(API):
        return JsonResponse({"detail": "there is no such address"}, status=404)
    return page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 503 where the database is away, 507 where the disk is full, 500 for all else.

    Django calls this inside the handling of the exception, so that the cause can be looked at.
    """
    cause = sys.exception()
    status = _status_of(cause)
    said = ERRORS[status]
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("%s %s failed", request.method, request.path, exc_info=cause)
    else:
        logger.error("%s %s: %s: %s", request.method, request.path, said, cause)
    response = _answer(request, status, said)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _status_of(cause: BaseException | None) -> HTTPStatus:
    if isinstance(cause, (NotReadyError, *DATABASE_AWAY)):
        return HTTPStatus.SERVICE_UNAVAILABLE
    if isinstance(cause, OSError) and cause.errno in {errno.ENOSPC, errno.EDQUOT}:
        return HTTPStatus.INSUFFICIENT_STORAGE
    return HTTPStatus.INTERNAL_SERVER_ERROR


def _answer(request: HttpRequest, status: HTTPStatus, said: str) -> HttpResponse:
    if request.path.startswith(API):
        return JsonResponse({"error": said}, status=status)
    return render(request, f"{status:d}.html", status=status)
