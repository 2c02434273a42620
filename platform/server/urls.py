"""The site's addresses."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("console/", admin.site.urls),
    path("api/", include("server.api.urls")),
    path("", include("server.pages.urls")),
]
