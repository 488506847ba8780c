"""Traces by OpenTelemetry, off by default (`CDP_TRACING`).

Spans are our own: one per request, with a fixed name and fixed attributes, all of which the request's line in the log
has, too. The framework's own instrumentation stays off, since it writes paths (an e-mail address in one was seen to get
into a span). Trace ids that come with a request are not taken over: they are the caller's text.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Final

from cdp.errors import Unavailable

if TYPE_CHECKING:  # an extra: whoever does not trace need not have it
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Tracer

OFF: Final = "off"
SPAN: Final = "http.request"
_FAILED: Final = 500
_EXPORTERS: Final = "opentelemetry_traces_exporter"


class Tracing:
    """Makes spans, or none."""

    def __init__(self, tracer: "Tracer | None" = None, provider: Any = None) -> None:
        self._tracer = tracer
        self._provider = provider

    @classmethod
    def open(cls, exporter: str) -> "Tracing":
        """Return what the setting says: `off`, or the name of an exporter, as `console` or `otlp_proto_http`.

        Raises:
            Unavailable: `tracing_missing`.
        """
        if exporter == OFF:
            return cls()
        try:
            [found] = entry_points(group=_EXPORTERS, name=exporter)
            return cls.to(found.load()())
        except (ImportError, ValueError):
            hint = "install the extra `tracing`, and the package of the exporter"
            raise Unavailable(
                "tracing_missing", "there is no such exporter of traces", path="CDP_TRACING", hint=hint
            ) from None

    @classmethod
    def to(cls, exporter: "SpanExporter") -> "Tracing":
        """Return one that hands its spans to an exporter; OpenTelemetry's global provider is left alone."""
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 -- an extra
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

        provider = TracerProvider(resource=Resource({"service.name": "cdp"}), shutdown_on_exit=False)
        provider.add_span_processor(BatchSpanProcessor(exporter))
        return cls(provider.get_tracer("cdp"), provider)

    @contextmanager
    def request(self) -> Iterator[dict[str, Any]]:
        """Span a request; what the yielded mapping holds at its end are the span's attributes."""
        facts: dict[str, Any] = {}
        if self._tracer is None:
            yield facts
            return
        # What an exception says stays out of the span: it may quote what it failed at.
        from opentelemetry.trace import SpanKind, StatusCode  # noqa: PLC0415 -- an extra

        with self._tracer.start_as_current_span(
            SPAN, kind=SpanKind.SERVER, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield facts
            finally:
                span.set_attributes({name: value for name, value in facts.items() if value is not None})
                if facts.get("http.response.status_code", 0) >= _FAILED:
                    span.set_status(StatusCode.ERROR)

    def close(self) -> None:
        """Hand out what is left."""
        if self._provider is not None:
            self._provider.shutdown()
