"""The site as a Django app, so that its signals are heard."""

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class ServerConfig(AppConfig):
    """Installs the broker after migrations."""

    name = "server"

    def ready(self) -> None:
        """Listen for migrations."""
        from server.broker import install_broker  # noqa: PLC0415  needs the settings

        post_migrate.connect(install_broker, sender=apps.get_app_config("experiments"))
