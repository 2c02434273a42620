"""The kind of command that Coverlift's own are."""

from django.core.management.base import BaseCommand


class OwnCommand(BaseCommand):
    """A command that looks for settings that contradict each other, and at nothing else before.

    All other checks are of code. They load every page, SciPy and Plotly: 1.3 s of the processor's
    time. `manage.py migrate` makes them before every start.
    """

    requires_system_checks = ("settings",)
