"""The site's addresses."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.static import serve

from server.health import health

urlpatterns = [
    path("healthz", health),
    path("console/", admin.site.urls),
    path("media/<path:path>", serve, {"document_root": settings.MEDIA_ROOT}),
    path("api/", include("server.api.urls")),
    path("", include("server.pages.urls")),
]

handler500 = "server.pages.errors.server_error"
