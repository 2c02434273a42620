"""Death at a chosen moment, for programs that tests start."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from django.db import connection


@contextmanager
def killed_before(statement: int) -> Iterator[None]:
    """Kill -9 this process before it sends the statement of this number, from 0, to the database.

    Those of its other threads are not counted: they die at whatever they are.
    """
    numbers = count()

    def send(execute: Callable[..., Any], *arguments: Any) -> Any:
        if next(numbers) == statement:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*arguments)

    with connection.execute_wrapper(send):
        yield
