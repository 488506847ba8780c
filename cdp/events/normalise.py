"""One event, made plain: whom it names, when it was, what it says of the person, and what of itself.

Time is corrected by the client's own clock, as Segment specifies: received − (sent − timestamp). RudderStack's SDKs
call the client's time `originalTimestamp`, Segment's `timestamp`. What results from a clock that is ahead even of that
lies in the future, and counts as now.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from audit.entries import timestamp
from cdp.events.wire import KINDS

MAX_ID: Final = 512
MAX_MESSAGE: Final = 256
MAX_NAME: Final = 200
MAX_EXTERNAL: Final = 10
_IDS: Final = ("userId", "anonymousId", "groupId", "previousId")
_SPLIT: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OTHER: Final = re.compile(r"[^a-z0-9]+")
_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)


class EventFault(Exception):
    """An event that cannot be taken, by the code of its reason."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event.

    Attributes:
        kind: `track`, `identify` …
        name: of a `track` its own; of a page or screen theirs.
        message: the client's id for it, by which it counts once.
        at: when it was, corrected, as the store writes times.
        user, anonymous: whom it names.
        traits: what it says of the person.
        said: what it says besides, by where it says it: `properties`, `context` and the like.
    """

    kind: str
    name: str
    message: str
    at: str
    user: str
    anonymous: str
    traits: dict[str, Any] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)

    @property
    def properties(self) -> dict[str, Any]:
        """What a `track`, a page or a screen says of itself."""
        found: dict[str, Any] = self.said.get("properties", {})
        return found

    @property
    def context(self) -> dict[str, Any]:
        """Under what circumstances it was sent."""
        found: dict[str, Any] = self.said.get("context", {})
        return found


def normalise(event: dict[str, Any], *, received_at: datetime, sent_at: datetime | None) -> Event:
    """Return an event made plain.

    Raises:
        EventFault: `bad_type`, `bad_user_id` and the like, `nobody`, `bad_event_name`, `bad_message_id`, `bad_time`,
            `bad_context`, `bad_properties`, `bad_traits`.
    """
    kind = event.get("type")
    if kind not in KINDS:
        raise EventFault("bad_type")
    user, anonymous, group, previous = [_id(event.get(name), name) for name in _IDS]
    if not user and not anonymous:
        raise EventFault("nobody")
    name = _name(event, kind)
    own, context, properties = [_object(event.get(key), key) for key in ("traits", "context", "properties")]
    traits = {}
    if kind == "identify":  # some SDKs put the traits of an identify into the context only
        traits = {**_object(context.get("traits"), "traits"), **own}
        context = {key: value for key, value in context.items() if key != "traits"}
    said = {"properties": properties, "context": context, "groupId": group, "previousId": previous}
    if own and kind != "identify":
        said["traits"] = own
    if integrations := event.get("integrations"):
        said["integrations"] = integrations
    return Event(
        kind, name, _message(event.get("messageId")), _time(event, received_at, sent_at), user, anonymous, traits,
        {key: value for key, value in said.items() if value},
    )  # fmt: skip


def clock(text: object) -> datetime | None:
    """Return a time in ISO 8601, in UTC unless it says otherwise; nothing is nothing.

    Raises:
        EventFault: `bad_time`.
    """
    if text is None or text == "":
        return None
    if not isinstance(text, str):
        raise EventFault("bad_time")
    try:
        found = datetime.fromisoformat(text)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise EventFault("bad_time") from None
    return max(found, _EARLIEST)


def external_ids(context: Mapping[str, Any]) -> list[str]:
    """Return what other systems call somebody: `externalIds` of Segment, `externalId` of RudderStack, as `type:id`."""
    found = []
    for key in ("externalIds", "externalId"):
        given = context.get(key)
        for each in given[:MAX_EXTERNAL] if isinstance(given, list) else ():
            kind, value = (each.get("type"), each.get("id")) if isinstance(each, dict) else ("", "")
            if isinstance(value, int) and not isinstance(value, bool):
                value = str(value)
            if isinstance(kind, str) and isinstance(value, str) and kind and value and len(kind + value) < MAX_ID:
                found.append(f"{kind}:{value}")
    return found


def field_name(name: str) -> str:
    """Return a property's name as a field has it: `orderId`, `Order ID` and `order-id` are `order_id`."""
    return _OTHER.sub("_", _SPLIT.sub("_", name).lower()).strip("_")


def _time(event: dict[str, Any], received_at: datetime, sent_at: datetime | None) -> str:
    given = clock(event.get("originalTimestamp") or event.get("timestamp"))
    sent_at = clock(event.get("sentAt")) or sent_at
    if given is None:
        return timestamp(received_at)
    ahead = sent_at - received_at if sent_at is not None else timedelta()
    try:
        return timestamp(min(max(given - ahead, _EARLIEST), received_at))
    except OverflowError:
        raise EventFault("bad_time") from None


def _id(given: object, name: str) -> str:
    if given is None:
        return ""
    if isinstance(given, int | float) and not isinstance(given, bool):
        given = str(given)
    if not isinstance(given, str) or len(given) > MAX_ID:
        raise EventFault(f"bad_{field_name(name)}")
    return given.strip()


def _message(given: object) -> str:
    if given is None or given == "":
        return ""
    if not isinstance(given, str) or len(given) > MAX_MESSAGE:
        raise EventFault("bad_message_id")
    return given


def _name(event: dict[str, Any], kind: str) -> str:
    given = event.get("event" if kind == "track" else "name")
    if given is None and kind != "track":
        return ""
    if not isinstance(given, str) or not given.strip() or len(given) > MAX_NAME:
        raise EventFault("bad_event_name")
    return given


def _object(given: object, name: str) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise EventFault(f"bad_{name}")
    return given
