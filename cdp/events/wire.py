"""From a body to the events in it: the forms of the Segment HTTP Tracking API, which RudderStack's SDKs share.

Facts of the wire, as the published clients were seen to send them: the body is JSON whatever `Content-Type` says;
`context` and `integrations` of a batch hold for each of its events; an `identify` may have its traits in `context`
only; null identifiers come. What is wrong with a whole body is an error; what is wrong with one event is its own
matter, and a reason goes with it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from cdp.errors import BadInput
from cdp.events.parse import MAX_DEPTH, fault_of, parse_json

KINDS: Final = ("identify", "track", "page", "screen", "group", "alias")
BATCH: Final = "batch"
MAX_EVENT: Final = 32 * 1024
MAX_EVENTS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Body:
    """A body, read.

    Attributes:
        write_key: the one that the body itself gives, or nothing.
        parcel: what is kept: the events, how the client's clock stood, and those that make no sense, each with why.
        events: how many events there are, of both kinds.
    """

    write_key: str
    parcel: bytes
    events: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is kept of a body until it is folded.

    Attributes:
        sent_at: when the client says that it sent it.
        gpc: whether the browser asked by `Sec-GPC` not to be sold.
        events: those that are well-formed.
        broken: pairs of a reason and what was sent, as text.
    """

    sent_at: Any
    gpc: bool
    events: list[dict[str, Any]]
    broken: list[tuple[str, str]]


def parse_body(kind: str, body: bytes, *, gpc: bool = False) -> Body:
    """Read a body that was posted to the route of this kind.

    Raises:
        BadInput: `bad_json`, `bad_batch`, `bad_event`, with what is wrong with the body as a whole.
    """
    sent = parse_json(body)
    write_key = sent.pop("writeKey", None)
    events = _batch(sent) if kind == BATCH else [_single(sent, kind)]
    kept: list[bytes] = []
    broken: list[tuple[str, str]] = []
    for event in events:
        data, reason = _judged(event)
        if not reason:
            kept.append(data)
        elif kind == BATCH:
            broken.append((reason, data.decode()))
        else:
            raise BadInput("bad_event", "the event is malformed", path=reason)
    head = orjson.dumps({"sent": _time(sent.get("sentAt")), "gpc": gpc, "broken": broken})
    parcel = b"".join((head[:-1], b',"events":[', b",".join(kept), b"]}"))
    return Body(write_key if isinstance(write_key, str) else "", parcel, len(events))


def parse_parcel(parcel: bytes) -> Parcel:
    """Return what `parse_body` kept."""
    found = orjson.loads(parcel)
    return Parcel(found["sent"], found["gpc"], found["events"], [(reason, text) for reason, text in found["broken"]])


def format_parcel(parcel: Parcel) -> bytes:
    """Return a parcel as `parse_body` keeps one."""
    head = {"sent": parcel.sent_at, "gpc": parcel.gpc, "broken": [list(each) for each in parcel.broken]}
    return orjson.dumps({**head, "events": parcel.events})


def _single(sent: dict[str, Any], kind: str) -> dict[str, Any]:
    return {**sent, "type": kind}


def _batch(sent: dict[str, Any]) -> list[Any]:
    events = sent.get("batch")
    if not isinstance(events, list):
        raise BadInput("bad_batch", "`batch` is a list of events", path="batch")
    if len(events) > MAX_EVENTS:
        raise BadInput("bad_batch", f"a batch has at most {MAX_EVENTS:,} events", path="batch")
    shared = {name: value for name in ("context", "integrations") if isinstance(value := sent.get(name), dict)}
    return [_with(event, shared) for event in events] if shared else events


def _with(event: Any, shared: Mapping[str, dict[str, Any]]) -> Any:
    """Return an event with what its batch says for all; what it says itself holds."""
    if not isinstance(event, dict):
        return event
    merged = dict(event)
    for name, value in shared.items():
        own = event.get(name)
        if own is None or isinstance(own, dict):
            merged[name] = _merged(value, own or {})
    return merged


def _merged(outer: dict[str, Any], inner: dict[str, Any], depth: int = 0) -> dict[str, Any]:
    found = {**outer, **inner}
    for name, value in inner.items():
        if depth < MAX_DEPTH and isinstance(value, dict) and isinstance(outer.get(name), dict):
            found[name] = _merged(outer[name], value, depth + 1)
    return found


def _judged(event: Any) -> tuple[bytes, str]:
    """Return an event as it is kept, and what is wrong with it."""
    reason = fault_of(event)
    if not reason:
        try:
            data = orjson.dumps(event)
        except (TypeError, ValueError):  # half of a surrogate pair
            reason = "broken_unicode"
        else:
            if len(data) <= MAX_EVENT:
                return data, ""
            reason = "event_too_large"
    return _text(event), reason


def _text(event: Any) -> bytes:
    """Return something of an event that makes no sense, for whoever looks into it: as ASCII, and not all of much."""
    try:
        text = "".join(_first(_encoded(event), MAX_EVENT))
    except RecursionError:
        text = ""
    return text.encode("ascii", "replace")


def _encoded(event: Any) -> Iterator[str]:
    return iter(json.JSONEncoder(ensure_ascii=True).iterencode(event))


def _first(parts: Iterator[str], size: int) -> Iterator[str]:
    for part in parts:
        yield part[:size]
        size -= len(part)
        if size <= 0:
            return


def _time(given: object) -> object:
    return given if isinstance(given, str) and len(given) < 64 and given.isascii() else None
