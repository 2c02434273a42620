"""The site's addresses."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path
from django.views.generic import RedirectView

from server.api.doors import as_view
from server.api.page_doors import PAGE_DOORS
from server.health import PROBES
from server.pages.media import media

urlpatterns = [
    *(path(address.removeprefix("/"), probe) for address, probe in PROBES.items()),
    *(path(address.removeprefix("/"), as_view(door)) for address, door in PAGE_DOORS.items()),
    # Django's admin has no login of its own: the console's is that of all pages.
    path(
        "console/admin/login/",
        RedirectView.as_view(pattern_name="console:login", query_string=True),
    ),
    path("console/admin/logout/", LogoutView.as_view(next_page="console:login")),
    path("console/admin/", admin.site.urls),
    path("console/", include("server.console.urls")),
    path("media/<path:path>", media),
    path("api/v1/", include("server.api.urls")),
    path("", include("server.pages.urls")),
]

handler404 = "server.pages.errors.not_found"
handler500 = "server.pages.errors.server_error"
