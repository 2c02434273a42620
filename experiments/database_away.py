"""Errors of the database that is away, hangs or is in trouble: ask the same again later."""

from django.db import InterfaceError, InternalError, OperationalError

# An InternalError is the server's own, as where it cannot write to its disk, or only reads.
DATABASE_AWAY = (OperationalError, InterfaceError, InternalError)
