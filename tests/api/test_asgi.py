"""The application itself: what the framework would add by itself is off."""

import re
from datetime import UTC, date, datetime

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.api.calling import call

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def test_the_framework_traces_nothing(app, monkeypatch):
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    call(app, "GET", "/openapi.json?email=ann@example.org")
    assert exporter.get_finished_spans() == ()
    assert app._native_telemetry.enabled() is False


def test_the_documentation_loads_and_runs_nothing(app):
    answer = call(app, "GET", "/docs")
    assert answer.status == 200
    assert answer.header("content-security-policy").startswith("default-src 'none'")
    page = answer.body.decode()
    assert "<script" not in page
    assert re.findall(r'(?:src|href)="([^"]*)"', page) == ["/openapi.json"]


def test_the_interface_is_described_in_openapi_3_1(app):
    answer = call(app, "GET", "/openapi.json")
    assert answer.json["openapi"].startswith("3.1")


def test_an_address_is_not_mended(app):
    answer = call(app, "GET", "/docs/?email=ann@example.org")
    assert answer.status == 404
    assert answer.header("location") is None


def test_global_privacy_control_is_said_to_be_honoured(app):
    answer = call(app, "GET", "/.well-known/gpc.json")
    assert (answer.status, answer.header("content-type")) == (200, "application/json")
    assert answer.json["gpc"] is True
    assert date.fromisoformat(answer.json["lastUpdate"]) <= datetime.now(UTC).date()
