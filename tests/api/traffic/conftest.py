"""An application of one's own inside the gate, and what is written down of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from anyio import CapacityLimiter
from fastapi import FastAPI
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.middleware import Middleware
from starlette.routing import Route

from cdp.api import problems
from cdp.api.guard import Guard
from cdp.api.traffic import health
from cdp.api.traffic.buckets import Buckets
from cdp.api.traffic.gate import Bounds, Gate, Traffic
from cdp.api.traffic.limits import Limits
from cdp.api.traffic.metrics import Metrics
from cdp.api.traffic.records import Records
from cdp.api.traffic.stopping import Stopping
from cdp.api.traffic.tracing import Tracing
from cdp.services.idempotency import Doing

QUOTAS = {"app": 5, "rights": 5, "subject": 2, "address": 3}


class AlwaysReady:
    def __init__(self) -> None:
        self.code = ""

    def fault(self) -> str:
        return self.code


@dataclass
class Scene:
    """The traffic of an application, and what it wrote."""

    traffic: Traffic
    lines: list[bytes] = field(default_factory=list)
    spans: InMemorySpanExporter = field(default_factory=InMemorySpanExporter)

    def app(self, *routes: Route, **bounds: Any) -> FastAPI:
        app = FastAPI(openapi_url=None, middleware=[Middleware(Guard), Middleware(Gate)])
        problems.install(app)
        app.router.routes.extend([*routes, *health.routes()])
        app.state.traffic = replace(self.traffic, bounds=replace(Bounds(), **bounds))
        return app

    def numbers(self) -> str:
        return self.traffic.metrics.text().decode()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    lines: list[bytes] = []
    spans = InMemorySpanExporter()
    write: Callable[[bytes], object] = lines.append
    made = Traffic(
        limits=Limits(Buckets(tmp_path / "limits", b"s" * 32), QUOTAS, app_places=2),
        metrics=Metrics(), records=Records(write), tracing=Tracing.to(spans), stopping=Stopping(60),
        readiness=AlwaysReady(), rights_threads=CapacityLimiter(1), doing=Doing(), bounds=Bounds(),
    )  # fmt: skip
    yield Scene(made, lines, spans)
    made.close()
