"""The site as a Django app, so that its checks are found."""

from django.apps import AppConfig


class ServerConfig(AppConfig):
    """Registers the checks of settings."""

    name = "server"

    def ready(self) -> None:
        """Import the checks, which register themselves."""
        from server import checks  # noqa: F401, PLC0415  registered by being imported
