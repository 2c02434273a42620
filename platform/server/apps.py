"""The site as a Django app, so that its checks and signals are found."""

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class ServerConfig(AppConfig):
    """Registers the checks of settings and the broker's installation."""

    name = "server"

    def ready(self) -> None:
        """Import the checks, which register themselves, and listen for migrations."""
        from server import checks  # noqa: F401, PLC0415  registered by being imported
        from server.broker import install_broker  # noqa: PLC0415  needs the settings

        post_migrate.connect(install_broker, sender=apps.get_app_config("experiments"))
