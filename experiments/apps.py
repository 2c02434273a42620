"""The experiments room as a Django app."""

from django.apps import AppConfig


class ExperimentsConfig(AppConfig):
    """Holds the models, their admin and the commands."""

    name = "experiments"
    verbose_name = "Experiments"
