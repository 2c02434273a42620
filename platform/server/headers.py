"""A header that Django does not know: what of a visitor's device no page here asks for."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

NOT_ASKED_FOR = (
    "browsing-topics", "camera", "display-capture", "geolocation", "microphone", "midi", "payment",
    "serial", "usb",
)  # fmt: skip
PERMISSIONS = ", ".join(f"{name}=()" for name in NOT_ASKED_FOR)


def tell_permissions(
    answer: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Return the middleware that adds it to every answer."""

    def told(request: HttpRequest) -> HttpResponseBase:
        answered = answer(request)
        answered.headers["Permissions-Policy"] = PERMISSIONS
        return answered

    return told
