"""The port to whoever follows a request through the parts: spans, by OpenTelemetry where that is set up.

The library is an optional extra (kunxin[telemetry]); without an address nothing of it is loaded.
A span tells of routes, statements and case numbers, never of what was asked for or answered.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Protocol

SERVICE = "kunxin"


class Tracing(Protocol):
    def span(self, name: str, **told: str) -> AbstractContextManager[None]:
        """What is done within is one span; it is marked when it fails."""
        ...

    def begin(self, name: str, **told: str) -> Callable[..., None]:
        """A span that ends when what is returned is called, with what is known by then."""
        ...


class NoTracing:
    """An installation that has nobody to tell."""

    def span(self, name: str, **told: str) -> AbstractContextManager[None]:
        return nullcontext()

    def begin(self, name: str, **told: str) -> Callable[..., None]:
        return lambda **known: None


class OpenTelemetry:
    """Spans of one process, sent together from time to time."""

    def __init__(self, exporter: Any, *, at_once: bool = False) -> None:
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - an extra
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import (  # noqa: PLC0415
            BatchSpanProcessor,
            SimpleSpanProcessor,
        )

        self._provider = TracerProvider(resource=Resource.create({"service.name": SERVICE}))
        processor = SimpleSpanProcessor(exporter) if at_once else BatchSpanProcessor(exporter)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer(SERVICE)

    @contextmanager
    def span(self, name: str, **told: str) -> Iterator[None]:
        attributes = _named(told)
        # an exception's text may hold what a person wrote: its kind is enough
        with self._tracer.start_as_current_span(
            name, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except Exception as problem:
                _mark_failed(span, type(problem).__name__)
                raise

    def begin(self, name: str, **told: str) -> Callable[..., None]:
        from opentelemetry import context, trace  # noqa: PLC0415

        span = self._tracer.start_span(name, attributes=_named(told))
        token = context.attach(trace.set_span_in_context(span))

        def end(**known: str) -> None:
            span.set_attributes(_named(known))
            if failure := known.get("error"):
                _mark_failed(span, failure)
            context.detach(token)
            span.end()

        return end

    def close(self) -> None:
        """Send what waits."""
        self._provider.shutdown()


def _named(told: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "."): value for name, value in told.items() if value}


def _mark_failed(span: Any, kind: str) -> None:
    from opentelemetry.trace import Status, StatusCode  # noqa: PLC0415

    span.set_status(Status(StatusCode.ERROR, kind))


def open_tracing(endpoint: str | None) -> Tracing:
    """Tracing to an OTLP collector's address (`http://127.0.0.1:4318`); none without an address.

    ModuleNotFoundError where the extra is not installed.
    """
    if endpoint is None:
        return NoTracing()
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )

    return OpenTelemetry(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces"))
