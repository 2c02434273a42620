"""Personal tokens: a program acts as the person whose token it sends, within the token's scopes."""

from django.contrib.auth.models import User
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from experiments.access_keys import personal_token
from experiments.models import AccessKey

SCHEME = "Bearer"


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer coverlift_…``."""

    def authenticate(self, request: Request) -> tuple[User, AccessKey] | None:
        """Return the token's user and the token; None where no token is sent."""
        scheme, _, text = get_authorization_header(request).decode(errors="replace").partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        token = personal_token(text.strip())
        if token is None or token.user is None:
            raise AuthenticationFailed(
                "the token is unknown, revoked or expired, or a site's key: make one at "
                "/console/keys/"
            )
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Return the scheme, so that a refusal is a 401 that names it."""
        del request
        return SCHEME


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The same, as the API's schema says it."""

    target_class = "server.api.tokens.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Return the scheme."""
        del auto_schema
        return {"type": "http", "scheme": SCHEME.lower()}
