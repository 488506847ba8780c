"""The routes, as clients know them: what they answer, to whom, and what they never say."""

import base64
import gc
import gzip
from typing import Any

import orjson
import pytest
from fastapi import FastAPI

from cdp.api.ingest import ROUTES
from cdp.asgi import create_app
from cdp.bootstrap import Platform
from cdp.errors import BadInput, Unauthenticated
from cdp.ingest.sources import KEY_PREFIX, revoke_source
from tests import samples
from tests.api.calling import Answer, call
from tests.ingest.sending import batch, drain, identify, of, track

OK = b'{"success":true}'
UNKNOWN = KEY_PREFIX + "0" * 32


@pytest.fixture
def app(platform: Platform) -> FastAPI:
    return create_app(platform)


def basic(write_key: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{write_key}:".encode()).decode()}


def post(app: FastAPI, path: str, body: Any, headers: dict[str, str]) -> Answer:
    return call(app, "POST", path, headers, body if isinstance(body, bytes) else orjson.dumps(body))


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_every_route_answers_exactly_what_clients_expect(app: FastAPI, platform: Platform, write_key: str) -> None:
    for path, kind in ROUTES.items():
        body = batch(track()) if kind == "batch" else {"userId": "u", "event": "E", "messageId": path}
        answer = post(app, path, body, {**basic(write_key), "content-type": "text/plain"})
        assert (answer.status, answer.body) == (200, OK), path
        assert answer.header("access-control-allow-origin") == "*"
        asked = call(app, "OPTIONS", path, {"origin": "https://shop.example", "access-control-request-method": "POST"})
        assert asked.status == 204
        assert "authorization, content-type, x-retry-count, anonymousid, sentat" in asked.header(
            "access-control-allow-headers"
        )
    drain(platform)
    assert of(platform).quarantined == {}


def test_gzip_comes_under_any_content_type(app: FastAPI, platform: Platform, write_key: str) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded", "content-encoding": "gzip"}
    assert post(app, "/v1/batch", gzip.compress(batch(track())), basic(write_key) | headers).body == OK
    drain(platform)
    assert of(platform).folded == 1


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_write_key_may_come_in_four_ways_but_only_one(app: FastAPI, write_key: str) -> None:
    body = {"userId": "u", "event": "E"}
    assert post(app, "/v1/track", body, basic(write_key)).status == 200
    assert post(app, "/v1/track", body, {"authorization": f"Bearer {write_key}"}).status == 200
    assert post(app, "/v1/track", {**body, "writeKey": write_key}, {}).status == 200
    assert post(app, f"/beacon/v1/batch?writeKey={write_key}", batch(track()), {}).status == 200
    inner = {"writeKey": UNKNOWN, "context": {"writeKey": UNKNOWN}}
    assert post(app, "/v1/batch", {"batch": [body | inner], "writeKey": write_key, "context": inner}, {}).status == 200
    assert post(app, "/v1/batch", {"writeKey": UNKNOWN, "batch": [{**body, "writeKey": write_key}]}, {}).status == 401
    assert post(app, "/v1/track", {**body, "writeKey": UNKNOWN}, basic(write_key)).status == 401
    assert post(app, "/v1/track", {**body, "writeKey": write_key}, basic(UNKNOWN)).status == 401


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_errors_have_code_and_message_at_the_top_and_no_value(app: FastAPI, write_key: str) -> None:
    for answer, status, code in [
        (post(app, "/v1/batch", b'{"batch": canary', basic(write_key)), 400, "bad_json"),
        (post(app, "/v1/track", batch(track()), {}), 401, "bad_write_key"),
        (post(app, "/v1/track", {}, basic("canary")), 401, "bad_write_key"),
        (post(app, "/v1/track", {}, {"authorization": "Digest canary"}), 400, "bad_authorization"),
        (post(app, "/v1/track", {}, {"authorization": "Basic %%canary"}), 400, "bad_authorization"),
        (post(app, "/v1/batch", gzip.compress(b" " * 6_000_000), basic(write_key)), 413, "too_large"),
    ]:
        assert (answer.status, answer.json["code"]) == (status, code)
        assert answer.json["message"]
        assert b"canary" not in answer.body
        assert answer.header("access-control-allow-origin") == "*"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_body_too_large_to_be_read_is_refused_like_any_other(
    app: FastAPI, write_key: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = post(app, "/v1/batch", batch(track(pad="x" * 6_000_000)), basic(write_key))
    assert (answer.status, answer.json["code"], answer.whole) == (413, "too_large", True)
    assert answer.json["message"]
    assert answer.header("cache-control") == "no-store"
    assert answer.header("x-request-id")
    assert caplog.records == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_body_that_is_refused_is_let_go_at_once(app: FastAPI, write_key: str) -> None:
    gc.collect()
    gc.disable()
    try:
        for body, headers in ((b"{", basic(write_key)), (b"{}", {}), (b"\x1f\x8b{", basic(write_key))):
            assert post(app, "/v1/batch", body, headers).status in (400, 401)
        held = [each for each in gc.get_objects() if type(each) in (BadInput, Unauthenticated) and each.__traceback__]
    finally:
        gc.enable()
    assert held == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_answer_is_the_same_for_people_who_are_known_and_who_are_not(
    app: FastAPI, platform: Platform, write_key: str
) -> None:
    post(app, "/v1/batch", batch(identify(1, user="known", email="ann@example.org")), basic(write_key))
    drain(platform)
    answers = {
        (answer.status, answer.headers, answer.body)
        for user in ("known", "other")
        for answer in [post(app, "/v1/identify", identify(2, user=user, email="ann@example.org"), basic(write_key))]
    }
    assert len(answers) == 1


def test_a_key_counts_no_more_from_the_next_request_on(app: FastAPI, platform: Platform, write_key: str) -> None:
    assert post(app, "/v1/batch", batch(track(number=1)), basic(write_key)).status == 200
    revoke_source(platform, "web", principal=samples.TESTER)
    answer = post(app, "/v1/batch", batch(track(number=2)), basic(write_key))
    assert answer.status == 401
    assert answer.body == post(app, "/v1/batch", batch(track(number=2)), basic(UNKNOWN)).body
    drain(platform)
    assert (of(platform).received, of(platform).folded) == (1, 1)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_when_the_queue_is_full_clients_are_told_to_wait(
    app: FastAPI, platform: Platform, write_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.state.intake._room, "_most", 100)
    assert post(app, "/v1/batch", batch(track()), basic(write_key)).status == 200
    answer = post(app, "/v1/batch", batch(track(number=2)), basic(write_key))
    assert (answer.status, answer.json["code"], answer.header("retry-after")) == (429, "spool_full", "10")
    assert of(platform).received == 1
    drain(platform)
    monkeypatch.setattr(app.state.intake._room, "_looked", -1.0)
    assert post(app, "/v1/batch", batch(track(number=2)), basic(write_key)).status == 200


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_browser_sdks_are_told_where_to_send(app: FastAPI, write_key: str) -> None:
    settings = call(app, "GET", f"/v1/projects/{write_key}/settings").json
    own = settings["integrations"]["Segment.io"]
    assert (own["apiKey"], own["apiHost"], own["protocol"]) == (write_key, "127.0.0.1:8000/v1", "http")
    assert call(app, "GET", f"/sourceConfig/?writeKey={write_key}").json["source"]["enabled"] is True
    assert call(app, "GET", "/sourceConfig/", basic(write_key)).json["source"]["writeKey"] == write_key
    assert call(app, "GET", f"/v1/projects/{UNKNOWN}/settings").status == 404
    assert call(app, "GET", "/sourceConfig/?writeKey=x").status == 404


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_only_an_exact_signal_of_the_browser_counts(app: FastAPI, platform: Platform, write_key: str) -> None:
    for number, value in enumerate(("0", "true", "1 ", "")):
        post(app, "/v1/batch", batch(identify(number, fullName="Ann")), {**basic(write_key), "sec-gpc": value})
    drain(platform)
    assert samples.rows_of(platform, "acme_share")[0][1] == "Ann"
    post(app, "/v1/batch", batch(identify(9, fullName="Ann")), {**basic(write_key), "sec-gpc": "1"})
    drain(platform)
    assert samples.rows_of(platform, "acme_share")[0][1:] == (None, None, None)
