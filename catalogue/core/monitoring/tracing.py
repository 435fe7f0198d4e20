"""Traces of requests and statements, sent to a collector of OpenTelemetry."""

from typing import TYPE_CHECKING

from flask import Flask

from catalogue.core.application import database

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider


def trace_requests(app: Flask, endpoint: str) -> None:
    """Send the traces of this process to a collector, by OTLP over HTTP.

    Raises ImportError if the extra `tracing` is missing.
    """
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "it-service-catalogue"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    instrument(app, provider)


def instrument(app: Flask, provider: "TracerProvider") -> None:
    """Make a span of each request, except health checks, and of each statement in it.

    A span has the text of the statement without its values. A span of a request has its address, so
    the way back from an identity provider, whose address holds a code, has none.
    """
    from opentelemetry.instrumentation.flask import FlaskInstrumentor
    from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor

    FlaskInstrumentor().instrument_app(  # type: ignore[no-untyped-call]
        app, tracer_provider=provider, excluded_urls="health/,/callback"
    )
    opened = database(app)
    # On SQLite both engines share their events.
    reading = [] if opened.dialect == "sqlite" else [opened.reading_engine]
    SQLAlchemyInstrumentor().instrument(
        engines=[opened.engine, *reading],
        tracer_provider=provider,
        # The library names no SQLAlchemy 2.1 yet. A test shows that its events still work.
        skip_dep_check=True,
    )
