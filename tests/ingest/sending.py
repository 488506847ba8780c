"""Events as an SDK sends them, a store that takes some of them, and ways to send and to look."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import select

from cdp.bootstrap import Platform
from cdp.events.aside import QUARANTINE_KEY, Wrong, set_aside
from cdp.events.queue import SPOOL_KEY, lock_waiting, put_back
from cdp.events.wire import parse_parcel
from cdp.ingest.spool import Intake
from cdp.ingest.status import Status, status
from cdp.ingest.worker import Worker
from cdp.store.arriving import QUARANTINE, SPOOL, SPOOL_BODY
from cdp.vault.parcel import open_parcel
from tests import samples

CATALOGUE = (
    samples.CATALOGUE_TEXT
    + """\
  purchase:
    belongs_to: customer
    event: Order Completed
    fields:
      happened_at: {type: datetime, sensitivity: personal, sent_as: $at, general: year}
      total:       {type: decimal, sensitivity: none}
      order_ref:   {type: text, sensitivity: none, sent_as: orderId}
      ship_to:     {type: text, category: user.contact.address, mask: generic}
"""
)
POLICY = samples.POLICY_TEXT + "  purchases: {kind: full, entity: purchase, purpose: service, roles: [agent]}\n"
NOW = datetime(2026, 11, 26, 12, 0, 0, tzinfo=UTC)
AT = "2026-11-26T11:00:00.000Z"


def track(name: str = "Order Completed", number: int = 1, user: str | None = "u1", **more: Any) -> dict[str, Any]:
    """A `track`."""
    event = {
        "type": "track", "event": name, "messageId": f"m{number}", "timestamp": AT,
        "properties": {"total": 12.5, "orderId": f"o{number}"}, "context": {"library": {"name": "test"}}, **more,
    }  # fmt: skip
    return event if user is None else {"userId": user, **event}


def identify(number: int, user: str = "u1", at: str = AT, **traits: Any) -> dict[str, Any]:
    """An `identify`."""
    return {"type": "identify", "userId": user, "messageId": f"i{number}", "timestamp": at, "traits": traits}


def batch(*events: Any, **more: Any) -> bytes:
    """A body."""
    return orjson.dumps({"batch": list(events), "sentAt": NOW.isoformat(), **more})


def send(intake: Intake, write_key: str, *events: Any, gpc: bool = False, **more: Any) -> None:
    """Have events taken in, at a time that is always the same."""
    intake.accept("batch", batch(*events, **more), write_key=write_key, gpc=gpc, now=NOW)


def drain(platform: Platform) -> int:
    """Fold all that waits."""
    return Worker(platform).drain()


def of(platform: Platform, name: str = "web") -> Status:
    """What became of what a source sent."""
    return next(each for each in status(platform) if each.source == name)


def in_parcels(platform: Platform) -> str:
    """All that the platform itself keeps sealed for nobody yet, opened: what waits, and what was put aside."""
    spool, quarantine = (platform.vault.platform_key(name) for name in (SPOOL_KEY, QUARANTINE_KEY))
    with platform._database.reading() as conn:
        found = [open_parcel(spool, *each) for each in conn.execute(select(SPOOL_BODY))]
        wanted = select(QUARANTINE.c.quarantine_id, QUARANTINE.c.sealed)
        found += [open_parcel(quarantine, *each) for each in conn.execute(wanted)]
    return b"\n".join(found).decode()


def put_wrong_aside(platform: Platform) -> None:
    """Put aside what waits and is wrong, by hand, without folding the rest."""
    key = platform.vault.platform_key(SPOOL_KEY)
    with platform._database.writing() as conn:
        for waiting in lock_waiting(conn, key, list(conn.execute(select(SPOOL.c.spool_id)).scalars())):
            parcel = parse_parcel(waiting.parcel)
            wrong = [Wrong("bad_type", each) for each in parcel.events if each["type"] == "bad"]
            set_aside(conn, platform.vault, waiting.source, wrong)
            rest = [each for each in parcel.events if each["type"] != "bad"]
            put_back(conn, key, waiting.spool_id, replace(parcel, events=rest))
