"""Log lines that say which request or task they belong to, across web servers and workers.

A request has an id: the proxy's (X-Request-ID), or one made here; its answer names it. A task that
is sent while a request or another task is answered carries that id on in its message.
"""

import logging
import random
import re
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from celery import current_task, signals
from django.conf import settings
from django.utils.log import configure_logging
from pythonjsonlogger.json import JsonFormatter

if TYPE_CHECKING:
    from wsgiref.types import StartResponse

Application = Callable[[dict[str, Any], "StartResponse"], Iterable[bytes]]
HEADER = "X-Request-ID"
GIVEN = re.compile(r"[A-Za-z0-9_-]{1,64}")
OF_TASKS = "request_id"  # the header of a task's message

request_id: ContextVar[str] = ContextVar("request_id", default="")
answers = logging.getLogger("server.answers")


class Ids(logging.Filter):
    """Adds to each record the ids of the request and the task in whose course it is written."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add them; every record passes."""
        record.request_id = request_id.get()
        record.task = current_task.name if current_task else ""
        record.task_id = current_task.request.id if current_task else ""
        return True


class JsonLines(JsonFormatter):
    """One JSON object a line: at (ISO 8601, UTC), level, logger, message, ids, exc_info."""

    def __init__(self) -> None:
        super().__init__(
            "{levelname}{name}{message}{request_id}{task_id}{task}",
            style="{",
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp="at",
        )


def with_ids(application: Application) -> Application:
    """Give each request its id, tell the client, and log how it was answered (level INFO)."""

    def answer(environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        began_s = time.perf_counter()
        request_id.set(_id_of(environ))

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            headers.append((HEADER, request_id.get()))
            answers.info(
                "%s %s %s", environ["REQUEST_METHOD"], environ["PATH_INFO"], status[:3],
                extra={"duration_ms": round(1000 * (time.perf_counter() - began_s), 1)},
            )  # fmt: skip
            return start_response(status, headers, *more)

        return application(environ, start)

    return answer


def _id_of(environ: dict[str, Any]) -> str:
    """Return the proxy's id; where there is no proxy, a client's word for it is not taken."""
    given = environ.get("HTTP_X_REQUEST_ID", "") if settings.PRODUCTION else ""
    return given if GIVEN.fullmatch(given) else f"{random.getrandbits(128):032x}"


@signals.before_task_publish.connect
def pass_on(headers: dict[str, Any], **_: Any) -> None:
    """Let a task's message carry the id of what it was sent for."""
    if request_id.get():
        headers[OF_TASKS] = request_id.get()


@signals.task_prerun.connect
def take_up(task: Any, **_: Any) -> None:
    """Log what a task does under the id that its message carries."""
    request_id.set(getattr(task.request, OF_TASKS, None) or "")


@signals.setup_logging.connect
def keep_the_sites(**_: Any) -> None:
    """Let workers and the clock log as the site does, not as Celery would."""
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
