"""The web process's door: `granian --interface wsgi server.wsgi:application`."""

import gc
import os
import sys
from collections.abc import Iterable
from importlib import import_module
from multiprocessing import parent_process
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from standalone.processes import end_with_parent

if TYPE_CHECKING:
    from wsgiref.types import StartResponse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")

if sys.platform == "linux" and parent_process() is not None:
    end_with_parent()  # a worker of Granian's: or it would go on listening after a kill -9

gc.disable()  # while modules come, all of which stay: to look through them is a tenth of a start
_site = get_wsgi_application()

from server.api.doors import serve  # noqa: E402  their models need Django to be set up
from server.api.page_doors import PAGE_DOORS  # noqa: E402
from server.checks import refuse_contradictions  # noqa: E402
from server.database.patience import patience  # noqa: E402
from server.logs import with_ids  # noqa: E402
from server.telemetry import traced  # noqa: E402

refuse_contradictions()
patience.ends = True
# Every page, before somebody waits for the first. What is loaded by now stays as long as the
# process: a collection that looks through it takes a third of a second in the midst of an answer.
import_module(settings.ROOT_URLCONF)
gc.collect()
gc.freeze()
gc.enable()


@with_ids
@traced
def application(environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
    """Pass what pages ask and tell straight to its door, all else to Django."""
    door = PAGE_DOORS.get(environ["PATH_INFO"])
    return serve(door, environ, start_response) if door else _site(environ, start_response)
