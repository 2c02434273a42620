"""The site as a Django app, so that its signals are heard and its tasks find the broker."""

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class ServerConfig(AppConfig):
    """Sets the Celery app up, and installs the broker after migrations."""

    name = "server"

    def ready(self) -> None:
        """Make the Celery app the one that tasks are sent by, and listen for migrations."""
        import server.celery  # noqa: F401, PLC0415  its app becomes the current one
        from server.broker import install_broker  # noqa: PLC0415  needs the settings

        post_migrate.connect(install_broker, sender=apps.get_app_config("experiments"))
