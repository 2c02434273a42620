"""ETags of the API's answers: who asks again what has not changed is told so, in a few bytes."""

from django.http import HttpRequest, HttpResponseBase
from django.middleware.http import ConditionalGetMiddleware

API = "/api/v1/"


class ETags(ConditionalGetMiddleware):
    """Django's own, for the API alone: pages hold tokens that are new each time."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Add the ETag, or answer 304."""
        if not request.path.startswith(API):
            return response
        return super().process_response(request, response)
