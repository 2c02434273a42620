"""The site as a Django app: its tasks find the broker, its settings are checked."""

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class ServerConfig(AppConfig):
    """Sets up Celery, checks and telemetry, and installs the broker after migrations."""

    name = "server"

    def ready(self) -> None:
        """Make the Celery app the one that tasks are sent by, and listen for migrations."""
        import server.celery  # noqa: PLC0415  its app becomes the current one
        import server.checks  # noqa: F401, PLC0415  they register themselves
        from server import telemetry  # noqa: PLC0415  needs the settings
        from server.broker import install_broker  # noqa: PLC0415  needs the settings
        from server.roles import make_groups  # noqa: PLC0415  its models need the applications

        telemetry.begin()
        post_migrate.connect(make_groups, sender=apps.get_app_config("experiments"))
        post_migrate.connect(install_broker, sender=apps.get_app_config("experiments"))
