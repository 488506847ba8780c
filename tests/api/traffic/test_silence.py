"""Nothing that a request holds gets into the log, the numbers or the spans."""

import logging

import orjson
import pytest
from opentelemetry.trace import SpanKind, StatusCode
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from cdp.api.traffic.records import Lines
from cdp.api.traffic.tracing import SPAN
from tests.api.calling import call
from tests.support.canary import seen

CANARY = "canary-8f41c2"
HEADERS = (
    *("authorization", "cookie", "user-agent", "referer", "x-forwarded-for", "x-request-id", "traceparent"),
    *("tracestate", "baggage", "content-type", "prefer", "accept", "origin", "if-match", "idempotency-key"),
)


async def echo(request: Request) -> Response:
    request.app.state.traffic.limits.app(request.scope, "app_1")
    await request.body()
    return Response(b"x" * 10)


async def fails(request: Request) -> Response:
    raise ValueError(request.path_params["name"])


ROUTES = [Route("/things/{name}", echo, methods=["GET", "POST"]), Route("/fails/{name}", fails)]


def everything(scene) -> str:
    scene.traffic.tracing._provider.force_flush()
    spans = "".join(span.to_json() for span in scene.spans.get_finished_spans())
    return b"".join(scene.lines).decode() + scene.numbers() + spans


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", f"/things/{CANARY}"), ("GET", f"/things/x?email=eq.{CANARY}"), ("GET", f"/{CANARY}"),
        ("POST", f"/things/{CANARY}?a={CANARY}"), (CANARY.upper(), "/things/x"), ("GET", f"/fails/{CANARY}"),
        ("GET", f"/healthz?{CANARY}"),
    ],
)  # fmt: skip
def test_no_input_is_written_down(scene, method, target, caplog):
    headers = dict.fromkeys(HEADERS, CANARY)
    headers["host"] = f"{CANARY}.example"
    with caplog.at_level(logging.DEBUG):
        call(scene.app(*ROUTES), method, target, headers, CANARY.encode() if method == "POST" else b"")
    written = (everything(scene) + caplog.text).encode()
    assert written.count(b'"event":"request"') == 1
    assert seen([CANARY], written) == set()


def test_a_line_says_what_an_operator_needs(scene):
    call(scene.app(*ROUTES), "GET", "/things/ann")
    [line] = scene.lines
    said = orjson.loads(line)
    assert line.endswith(b"\n")
    assert said.pop("time")
    assert said.pop("seconds") >= 0
    assert said == {
        "level": "info", "event": "request", "route": "/things/{name}", "method": "GET", "status": 200, "bytes": 10,
        "app": "app_1", "whole": True, "request_id": "00000000-0000-4000-8000-000000000000",
    }  # fmt: skip


def test_a_span_says_the_same_and_has_a_fixed_name(scene):
    call(scene.app(*ROUTES), "GET", "/things/ann")
    scene.traffic.tracing._provider.force_flush()
    [span] = scene.spans.get_finished_spans()
    assert (span.name, span.kind, span.status.status_code) == (SPAN, SpanKind.SERVER, StatusCode.UNSET)
    assert dict(span.attributes) == {
        "http.route": "/things/{name}", "http.request.method": "GET", "http.response.status_code": 200,
        "cdp.app": "app_1", "cdp.whole": True,
    }  # fmt: skip


def test_a_span_of_a_request_that_failed_says_so_and_not_how(scene):
    call(scene.app(*ROUTES), "GET", f"/fails/{CANARY}")
    scene.traffic.tracing._provider.force_flush()
    [span] = scene.spans.get_finished_spans()
    assert (span.status.status_code, span.status.description, span.events) == (StatusCode.ERROR, None, ())


def test_the_servers_own_loggers_keep_an_exceptions_text_to_themselves():
    error = ValueError(CANARY)
    info = (type(error), error, None)
    record = logging.LogRecord("uvicorn.error", logging.ERROR, __file__, 1, "failed for %s", (CANARY,), info)
    said = Lines().format(record)
    assert CANARY not in said
    assert orjson.loads(said)["fault"].startswith("ValueError")
