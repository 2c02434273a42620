"""Answers to a program where the project's own rules refuse what it asks."""

from http import HTTPStatus
from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler

from experiments.analysis.report.no_report import NoReportError
from experiments.errors import (
    ExperimentError,
    IntakeError,
    InvalidValuesError,
    KeyTakenError,
    StateError,
)


def answer_to_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer 400 for values that cannot be, 409 where things stand otherwise.

    400 has a list of sentences for each value, as all of Django REST framework's refusals have;
    409, and 422 for an idempotency key that was given for something else, one sentence, under
    `detail`.
    """
    if isinstance(error, InvalidValuesError):
        problems = {name: [problem] for name, problem in error.problems.items()}
        return Response(problems, status=HTTPStatus.BAD_REQUEST)
    if isinstance(error, (StateError, NoReportError)):
        return Response({"detail": str(error)}, status=HTTPStatus.CONFLICT)
    if isinstance(error, KeyTakenError):
        return Response({"detail": str(error)}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    if isinstance(error, (ExperimentError, IntakeError)):
        return Response({"detail": str(error)}, status=HTTPStatus.BAD_REQUEST)
    return exception_handler(error, context)
