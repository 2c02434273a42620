"""Arrivals: notes of what writers stored, taken away by the rollup that counts it."""

from django.db import connection

_NOTE = "INSERT INTO experiments_arrival (hours, minutes, videos) VALUES (%s, %s, %s)"


def note(
    hours: list[int], minutes: list[int] | None = None, videos: list[int] | None = None
) -> None:
    """Note that events of these hours (since 2010) are to be counted.

    Args:
        hours: with new events, or others' flags.
        minutes: which ones alone, since 2010; None where it may be any of these hours.
        videos: which ones alone; None where it may be any.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [hours, minutes, videos])
