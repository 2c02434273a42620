"""Errors to whoever speaks Sentry's protocol and traces to OpenTelemetry's, where a setting says.

Neither learns who viewers are: no query of an address, no body, no cookie, no variable leaves.
The packages are those of requirements-telemetry.txt.
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from django.conf import settings

from server.logs import Application

if TYPE_CHECKING:
    from opentelemetry.trace import Span
    from sentry_sdk.types import Event

PACKAGES = ("sentry_sdk", "opentelemetry.sdk", "opentelemetry.instrumentation")


def is_installed() -> bool:
    """Tell whether the packages are there."""
    return all(find_spec(name.partition(".")[0]) and find_spec(name) for name in PACKAGES)


def begin() -> None:
    """Send this process's errors and its tasks' traces from now on, where settings say so."""
    if settings.SENTRY_DSN:
        _send_errors()
    if settings.TRACES_URL:
        _send_traces()


def traced(application: Application) -> Application:
    """Return the application, each of its requests in a trace where those are sent."""
    if not settings.TRACES_URL:
        return application
    from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware  # noqa: PLC0415  by setting

    middleware: Application = OpenTelemetryMiddleware(application, request_hook=_without_query)
    return middleware


def _send_errors() -> None:
    import sentry_sdk  # noqa: PLC0415  by setting

    sentry_sdk.init(
        settings.SENTRY_DSN,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=_without_viewer,
    )


def _without_viewer(event: "Event", _hint: dict[str, Any]) -> "Event":
    """Take out of an error what may name a viewer: its query, and headers but the browser's."""
    request = event.get("request", {})
    kept = {"method": request.get("method"), "url": str(request.get("url", "")).partition("?")[0]}
    event["request"] = kept
    return event


def _send_traces() -> None:
    from opentelemetry import trace  # noqa: PLC0415  by setting
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.instrumentation.celery import CeleryInstrumentor  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    provider = TracerProvider(resource=Resource.create({"service.name": "coverlift"}))
    exporter = OTLPSpanExporter(endpoint=settings.TRACES_URL)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    CeleryInstrumentor().instrument()  # type: ignore[no-untyped-call]


def _without_query(span: "Span", environ: dict[str, Any]) -> None:
    """Leave of an address its path alone: a query names the viewer."""
    for name in ("http.target", "http.url"):
        span.set_attribute(name, environ["PATH_INFO"])
    span.set_attribute("url.query", "")
