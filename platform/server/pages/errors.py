"""Answers to a person or a program when a page fails."""

import logging
import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.defaults import page_not_found

from experiments.database_away import DATABASE_AWAY
from experiments.errors import NotReadyError

RETRY_AFTER_S = 5
API = "/api/"
logger = logging.getLogger(__name__)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404: a program in JSON, a person with the page."""
    if request.path.startswith(API):
        return JsonResponse({"detail": "there is no such address"}, status=404)
    return page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 503 where the database is out of reach or in trouble, 500 for any other failure.

    Django calls this inside the handling of the exception, so that the cause can be looked at.
    """
    cause = sys.exception()
    away = isinstance(cause, (NotReadyError, *DATABASE_AWAY))
    if away:
        logger.error("%s %s: the database does not answer: %s", request.method, request.path, cause)
    else:
        logger.error("%s %s failed", request.method, request.path, exc_info=cause)
    status = 503 if away else 500
    response = _answer(request, status)
    if away:
        response["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _answer(request: HttpRequest, status: int) -> HttpResponse:
    if request.path.startswith(API):
        error = "the database does not answer" if status == 503 else "an error of the server"
        return JsonResponse({"error": error}, status=status)
    return render(request, f"{status}.html", status=status)
