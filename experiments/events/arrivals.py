"""Arrivals: notes of what writers stored, taken away by the rollup that counts it."""

from django.db import connection


def note(hours: list[int], videos: list[int] | None = None) -> None:
    """Note that events of these hours (since 2010) are to be counted.

    Args:
        hours: with new events, or others' flags.
        videos: which ones alone; None where it may be any.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO experiments_arrival (hours, videos) VALUES (%s, %s)", [hours, videos]
        )
