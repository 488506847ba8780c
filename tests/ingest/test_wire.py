"""Bodies and events from strangers: what is refused whole, what of one event is its own matter, and at what price."""

import gzip
import json
import tracemalloc
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

import orjson
import pytest
from hypothesis import given, strategies as st

from cdp.errors import BadInput
from cdp.events.normalise import Event, EventFault, field_name, normalise
from cdp.events.parse import MAX_BODY, inflate
from cdp.events.wire import Parcel, parse_body, parse_parcel
from tests.ingest.sending import AT, NOW, batch, track

ZIP = partial(gzip.compress, mtime=0)


def parcel(body: bytes, kind: str = "batch") -> Parcel:
    return parse_parcel(parse_body(kind, body).parcel)


def reasons(*events: str) -> list[str]:
    """What is wrong with events that are given as JSON texts, beside one that is well."""
    body = '{"batch":[' + ",".join([*events, json.dumps(track())]) + "]}"
    found = parcel(body.encode())
    assert len(found.events) == 1 + len(events) - len(found.broken)
    return [reason for reason, _ in found.broken]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ('{"type":"track","event":"x","userId":"a","userId":"b"}', "duplicate_key"),
        ('{"type":"track","properties":{"a":{"b":1,"b":2}}}', "duplicate_key"),
        ('{"type":"track","event":"a\\u0000b"}', "nul"),
        ('{"type":"track","a\\u0000b":1}', "bad_key"),
        ('{"type":"track","event":"\\ud800"}', "broken_unicode"),
        ('{"type":"track","\\udfff":1}', "broken_unicode"),
        ('{"type":"track","n":1e999}', "number_too_large"),
        ('{"type":"track","n":92233720368547758080}', "number_too_large"),
        ('{"type":"track","n":-' + "9" * 5_000 + "}", "number_too_large"),
        ('{"type":"track","n":' + "[" * 40 + "]" * 40 + "}", "too_deep"),
        ('{"type":"track","n":' + "[" * 9_000 + r'"\"]}"' + "]" * 9_000 + "}", "too_deep"),
        ('{"type":"track","n":' + '{"a":' * 9_000 + "1" + "}" * 9_000 + "}", "too_deep"),
        ('{"type":"track","n":{' + ",".join(f'"k{each}":1' for each in range(1_001)) + "}}", "too_many_keys"),
        ('{"type":"track","n":[' + "0," * 1_001 + "0]}", "too_many_keys"),
        ('{"type":"track","n":"' + "x" * 40_000 + '"}', "event_too_large"),
        ('{"' + "k" * 300 + '":1}', "bad_key"),
        ('"text"', "not_an_object"), ("null", "not_an_object"), ("[]", "not_an_object"), ("12", "not_an_object"),
        ("1" * 5_000, "not_an_object"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_one_event_stays_with_it(event: str, reason: str) -> None:
    assert reasons(event) == [reason]
    assert reasons(event, event) == [reason, reason]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "bad_json"), (b"[]", "bad_json"), (b"{", "bad_json"), (b'{"batch":NaN}', "bad_json"),
        (b'{"batch":"\xff"}', "bad_json"), (b"\xef\xbb\xbf{}", "bad_json"), (b"{}", "bad_batch"),
        (b'{"batch":{}}', "bad_batch"), (b'{"batch":' + b"[" * 100_000, "bad_json"),
        (b'{"batch":[' + b"[" * 5_000 + b"]" * 4_999 + b"]}", "bad_json"), (b'{"a":"' + b"\\" * 9_999, "bad_json"),
        (b'{"batch":[' + b"1," * 20_001 + b"1]}", "bad_batch"),
    ],
)  # fmt: skip
def test_a_body_that_makes_no_sense_is_refused_whole(body: bytes, code: str) -> None:
    with pytest.raises(BadInput) as error:
        parse_body("batch", body)
    assert error.value.code == code


@pytest.mark.parametrize("part", [b"[]", b'{"":0}', b"[" * 900 + b"]" * 900, b"0"])
def test_a_body_of_very_many_values_is_refused_before_they_are_made(part: bytes) -> None:
    body = b'{"batch":[' + b",".join([part] * ((MAX_BODY - 100) // (len(part) + 1))) + b"]}"
    tracemalloc.start()
    with pytest.raises(BadInput) as error:
        parse_body("batch", body)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert error.value.code == "too_large"
    assert peak < MAX_BODY


def test_a_single_call_that_is_wrong_is_refused() -> None:
    with pytest.raises(BadInput) as error:
        parse_body("track", b'{"event":"\\u0000"}')
    assert (error.value.code, error.value.path) == ("bad_event", "nul")


@pytest.mark.parametrize("encoding", ["", "gzip", "identity"])
def test_gzip_is_taken_whatever_is_said_of_it(encoding: str) -> None:
    assert inflate(ZIP(b"{}"), encoding) == b"{}"


@pytest.mark.parametrize(
    ("body", "encoding", "code"),
    [
        (b"{}", "gzip", "bad_gzip"), (ZIP(b"{}")[:-3], "gzip", "bad_gzip"),
        (ZIP(b"{}") + b"x", "gzip", "bad_gzip"), (ZIP(b"{}") * 2, "gzip", "bad_gzip"),
        (b"\x1f\x8bnothing", "", "bad_gzip"), (b"{}", "br", "unknown_encoding"),
        (b" " * (MAX_BODY + 1), "", "too_large"),
        (ZIP(b" " * (MAX_BODY + 1)), "gzip", "too_large"),
    ],
    ids=range(8),
)  # fmt: skip
def test_what_is_no_gzip_or_too_large_is_refused(body: bytes, encoding: str, code: str) -> None:
    with pytest.raises(BadInput) as error:
        inflate(body, encoding)
    assert error.value.code == code


def test_a_compressed_bomb_takes_no_more_memory_than_a_body_may_have() -> None:
    bomb = ZIP(b"\0" * (1 << 28), compresslevel=9)
    tracemalloc.start()
    with pytest.raises(BadInput):
        inflate(bomb, "gzip")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * MAX_BODY


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(JSON, max_size=6), JSON, JSON)
def test_whatever_comes_is_taken_or_refused_and_nothing_is_lost(events: list, context: object, sent: object) -> None:
    body = json.dumps({"batch": events, "context": context, "sentAt": sent, "integrations": context}).encode()
    try:
        read = parse_body("batch", body)
    except BadInput:
        return
    found = parse_parcel(read.parcel)
    assert len(found.events) + len(found.broken) == read.events == len(events)
    for event in found.events:
        with suppress(EventFault):
            assert isinstance(normalise(event, received_at=NOW, sent_at=None), Event)


@given(st.binary(max_size=60))
def test_no_bytes_raise_anything_but_an_error_of_ours(body: bytes) -> None:
    for encoding in ("", "gzip"):
        try:
            parse_body("track", inflate(body, encoding))
        except BadInput:
            continue


def normal(event: dict, sent_at: datetime | None = None, received_at: datetime = NOW) -> Event:
    return normalise(event, received_at=received_at, sent_at=sent_at)


@pytest.mark.parametrize("off", [timedelta(days=365), timedelta(days=-365), timedelta(seconds=3), timedelta()])
def test_a_wrong_clock_of_the_client_does_not_matter(off: timedelta) -> None:
    happened = NOW - timedelta(hours=1)
    event = {**track(), "timestamp": (happened + off).isoformat()}
    assert normal(event, sent_at=NOW + off).at == happened.isoformat(timespec="microseconds")


def test_the_time_of_origin_comes_first_and_the_future_is_now() -> None:
    assert normal({**track(), "originalTimestamp": AT, "timestamp": "1999-01-01T00:00:00Z"}).at.startswith(
        "2026-11-26T11"
    )
    assert normal({**track(), "timestamp": "2035-01-01T00:00:00Z"}).at == NOW.isoformat(timespec="microseconds")
    assert normal({**track(), "timestamp": None}).at == NOW.isoformat(timespec="microseconds")
    assert normal({**track(), "timestamp": "2026-11-26T13:00:00+02:00"}).at.startswith("2026-11-26T11")


@pytest.mark.parametrize("edge", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"])
def test_times_at_the_edge_of_time_are_taken_or_put_aside(edge: str) -> None:
    for sent_at in (None, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        with suppress(EventFault):
            assert normal({**track(), "timestamp": edge}, sent_at=sent_at).at


def test_traits_of_an_identify_may_stand_in_the_context_only() -> None:
    event = {"type": "identify", "userId": 7, "context": {"traits": {"a": 1, "b": 1}}, "traits": {"b": 2}}
    found = normal(event)
    assert (found.user, found.traits, found.context) == ("7", {"a": 1, "b": 2}, {})


def test_ids_may_be_null_but_not_all() -> None:
    assert normal({**track(), "userId": None, "anonymousId": "a"}).anonymous == "a"
    with pytest.raises(EventFault, match="nobody"):
        normal({**track(), "userId": None, "anonymousId": None})


def test_what_a_batch_says_holds_for_its_events_unless_they_say_otherwise() -> None:
    body = batch(track(context={"a": {"x": 1}}), track(context=None), context={"a": {"x": 2, "y": 3}, "b": 4})
    first, second = parcel(body).events
    assert first["context"] == {"a": {"x": 1, "y": 3}, "b": 4}
    assert second["context"] == {"a": {"x": 2, "y": 3}, "b": 4}


def test_a_body_may_say_the_write_key() -> None:
    assert parse_body("track", orjson.dumps({**track(), "writeKey": "k"})).write_key == "k"
    assert "writeKey" not in parcel(orjson.dumps({**track(), "writeKey": "k"}), "track").events[0]


@pytest.mark.parametrize(
    ("name", "field"),
    [("orderId", "order_id"), ("Order ID", "order_id"), ("order-id", "order_id"), ("URLPath", "url_path"), ("é", "")],
)
def test_names_of_properties_are_those_of_fields(name: str, field: str) -> None:
    assert field_name(name) == field
