"""Django's backend for PostgreSQL, whose connections end their waiting."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import IsolationLevel
from psycopg import Connection
from psycopg.abc import PQGen
from psycopg.errors import ConnectionTimeout, _WaitTimeout

from server.database.patience import UnansweredError, patience

Result = TypeVar("Result")
GRACE_S = 1  # beyond the server's own limit: a statement is slow, and the server not hanging


class PatientConnection(Connection[Any]):
    """A connection that is closed where an answer does not come in time."""

    def wait(self, gen: PQGen[Result], *more: Any, **options: Any) -> Result:
        """Wait for an answer of the server.

        Raises:
            UnansweredError: where it does not come within the process's limit.
        """
        limit_s = patience.limit_s
        wait: Callable[..., Result] = partial(super().wait, gen, *more, **options)
        if limit_s is None:
            return wait()
        return patience.wait_for(partial(self._wait_until, limit_s + GRACE_S, wait))

    def _wait_until(self, limit_s: int, wait: Callable[..., Result]) -> Result:
        try:
            return wait(timeout=limit_s)
        except _WaitTimeout as error:
            self.close()
            raise UnansweredError(f"no answer within {limit_s} s") from error


class DatabaseWrapper(base.DatabaseWrapper):
    """Opens connections of that kind; the server ends slow statements before they do."""

    def get_connection_params(self) -> dict[str, Any]:
        """Add the server's own limit on a statement."""
        parameters: dict[str, Any] = super().get_connection_params()
        if patience.limit_s is not None:
            parameters["options"] = f"-c statement_timeout={patience.limit_s}s"
        return parameters

    def get_new_connection(self, conn_params: Mapping[str, Any]) -> PatientConnection:
        """Connect within the limit."""
        self.isolation_level = IsolationLevel.READ_COMMITTED
        return patience.wait_for(partial(_connect, conn_params))


def _connect(parameters: Mapping[str, Any]) -> PatientConnection:
    try:
        return PatientConnection.connect(**parameters)
    except ConnectionTimeout as error:
        raise UnansweredError(str(error)) from error
