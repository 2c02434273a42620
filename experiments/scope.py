"""Scopes: the parts of the site that a key opens to a program."""

from enum import StrEnum


class Scope(StrEnum):
    """One part; the same words stand in keys, commands and the API's documents."""

    EMBED = "embed"  # feed, arms and events, for pages of other sites
    READ = "read"  # experiments, videos, reports, counts, audit log
    MANAGE = "manage"  # whatever changes something
