"""The whole application: nothing of a request gets into the log of requests, the numbers, the spans or the loggers."""

import logging
from dataclasses import replace

import orjson
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from cdp.api.traffic.buckets import Buckets
from cdp.api.traffic.limits import Limits
from cdp.api.traffic.records import Records
from cdp.api.traffic.tracing import Tracing
from tests import samples
from tests.api.apps import FORM, GRANT, bearer, register
from tests.api.calling import call
from tests.support.canary import canary, seen

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
HEADERS = (
    "user-agent",
    "referer",
    "cookie",
    "traceparent",
    "cdp-reason",
    "x-request-id",
    "if-match",
    "idempotency-key",
)


def requests(token: dict[str, str], secret: str):
    """Requests of every kind, with the canary wherever there is a place for one."""
    more = dict.fromkeys(HEADERS, secret)
    body = orjson.dumps({"full_name": secret, secret: secret, "opt_outs": [secret], "said": secret})
    for method, target, sent in (
        ("GET", f"/views/care_desk?full_name=eq.{secret}", b""), ("GET", f"/views/{secret}?{secret}=eq.{secret}", b""),
        ("GET", f"/views/care_desk?select={secret}&order={secret}&cursor={secret}", b""),
        ("GET", f"/views/care_desk/rows/{secret}", b""), ("PATCH", f"/views/care_desk/rows/{secret}", body),
        ("PATCH", f"/customers/{secret}?view={secret}", body), ("POST", f"/customers/{secret}/opt-outs", body),
        ("GET", f"/{secret}", b""), ("DELETE", f"/views/{secret}", b""), ("POST", "/v1/track", body),
        ("GET", f"/log/proof/{secret}", b""),
    ):  # fmt: skip
        yield method, target, {**token, **more}, sent
        yield method, target, {"authorization": f"Bearer {secret}", **more}, sent
    yield "POST", "/oauth/token", {**FORM, **more}, GRANT + f"&client_id={secret}&client_secret={secret}".encode()


def test_no_request_leaves_a_value_behind(app, platform, caplog):
    lines: list[bytes] = []
    spans = InMemorySpanExporter()
    tracing = Tracing.to(spans)
    app.state.traffic = replace(app.state.traffic, records=Records(lines.append), tracing=tracing)
    secret = canary()
    token = bearer(app, register(platform, "desk", "care_desk"))
    asked = list(requests(token, secret))
    with caplog.at_level(logging.DEBUG):
        for method, target, headers, body in asked:
            assert call(app, method, target, headers, body).status < 500
    tracing.close()
    written = b"".join(lines) + app.state.traffic.metrics.text() + caplog.text.encode()
    written += "".join(span.to_json() for span in spans.get_finished_spans()).encode()
    assert written.count(b'"event":"request"') == len(asked) == len(spans.get_finished_spans())
    assert seen([secret], written) == set()


def test_reads_of_one_person_have_a_quota_and_a_hidden_column_names_nobody(app, platform, tmp_path):
    limits = Limits(Buckets(tmp_path / "few", b"s" * 32), {"subject": 2})
    app.state.traffic = replace(app.state.traffic, limits=limits)
    token = bearer(app, register(platform, "mailer", "newsletter"))
    ann = samples.rows_of(platform, "newsletter")[0][0]

    def ask(condition: str):
        return call(app, "GET", f"/views/newsletter?{condition}", token)

    assert [ask(f"customer_id=eq.{ann}").status for _ in range(3)] == [200, 200, 429]
    assert [ask("email=eq.nobody@example.org").status for _ in range(3)] == [200, 200, 429]
    hidden, unknown = ask("religion=eq.x"), ask("nothing=eq.x")
    assert (hidden.status, hidden.body, hidden.headers) == (unknown.status, unknown.body, unknown.headers)
    assert hidden.header("ratelimit") is None
