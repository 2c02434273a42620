"""Addresses of the api."""

from django.urls import URLPattern, URLResolver, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from server.api.audit import AuditViewSet
from server.api.lifecycle import ACTS, ExperimentViewSet, act_view
from server.api.making import MAKING_ACTS, MakingView, UploadViewSet, VideoViewSet, making_act
from server.api.reading import RejectionsView
from server.api.reports import ReportView, VideosView
from server.api.webhooks import WebhookViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("experiments", ExperimentViewSet)
router.register("videos", VideoViewSet)
router.register("uploads", UploadViewSet)
router.register("audit", AuditViewSet)
router.register("webhooks", WebhookViewSet)

urlpatterns: list[URLPattern | URLResolver] = [
    path("reports/<slug:slug>", ReportView.as_view(), name="api-report"),
    path("reports/<slug:slug>/videos", VideosView.as_view(), name="api-report-videos"),
    path("rejections", RejectionsView.as_view(), name="api-rejections"),
    path("making", MakingView.as_view(), name="api-making"),
    *(
        path(f"making/{name}", making_act(name, act), name=f"api-making-{name}")
        for name, act in MAKING_ACTS.items()
    ),
    *(
        path(f"experiments/<slug:slug>/{name}", act_view(name, *act), name=f"api-{name}")
        for name, act in ACTS.items()
    ),
    *router.urls,
    path("schema", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
]
