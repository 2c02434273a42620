"""The site's addresses."""

from django.contrib import admin
from django.urls import include, path

from server.health import PROBES
from server.pages.media import media

urlpatterns = [
    *(path(address.removeprefix("/"), probe) for address, probe in PROBES.items()),
    path("console/making/", include("server.pages.making_urls")),
    path("console/", admin.site.urls),
    path("media/<path:path>", media),
    path("api/", include("server.api.urls")),
    path("", include("server.pages.urls")),
]

handler500 = "server.pages.errors.server_error"
