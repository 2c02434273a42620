"""Checks that settings fit together; `manage.py check` and every start run them."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

REQUIRED_IN_PRODUCTION = {
    "COVERLIFT_SECRET_KEY": "SECRET_KEY",
    "COVERLIFT_ALLOWED_HOSTS": "ALLOWED_HOSTS",
    "COVERLIFT_TOKEN_KEYS": "TOKEN_KEYS",
}


@register(Tags.security)
def production_settings_are_given(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001  the signature that Django calls
    **_: object,
) -> list[CheckMessage]:
    """Name every variable that production needs and that is not set."""
    if not settings.PRODUCTION:
        return []
    return [
        Error(
            f"{variable} is not set, and COVERLIFT_ENV is production",
            hint=f"Set {variable}; docs/settings.md says what it holds.",
            id="server.E001",
        )
        for variable, name in REQUIRED_IN_PRODUCTION.items()
        if not getattr(settings, name)
    ]
