"""Listing the names that came and that the catalogue does not know, each with the tag that it suggests."""

from dataclasses import dataclass

import orjson
from sqlalchemy import select

from audit.entries import Entry, Principal
from cdp.bootstrap import InForce, Platform
from cdp.events.looks import suggested
from cdp.events.undeclared import FILES, UNDECLARED_KEY, open_name
from cdp.ingest.plan import Fields, TrackingPlan
from cdp.store.arriving import UNDECLARED


@dataclass(frozen=True, slots=True)
class Seen:
    """A name that came, from where, how often and when, and the tag that it suggests.

    Attributes:
        source: 0 for files.
        known: whether the catalogue in force knows it: what came before is read anew, or did not fit its field.
    """

    source: int
    part: str
    name: str
    seen: int
    first_at: str
    last_at: str
    category: str
    sensitivity: str
    known: bool


def list_names(platform: Platform, *, principal: Principal) -> list[Seen]:
    """Return the names that are not known, the most frequent first; that somebody looked is on the log."""
    key, c = platform.vault.platform_key(UNDECLARED_KEY), UNDECLARED.c
    wanted = select(c.token, c.source, c.sealed, c.seen, c.looks, c.first_at, c.last_at)
    wanted, in_force = wanted.order_by(c.seen.desc(), c.token), platform.in_force(fresh=True)
    with platform.door.record(Entry("change", "undeclared_listed", principal, None)) as change:
        found = []
        for token, source, sealed, seen, looks, first_at, last_at in change.conn.execute(wanted):
            part, name = open_name(key, token, sealed)
            tag = ("", "") if part == "events" else suggested(name, orjson.loads(looks or "{}"))
            found.append(
                Seen(source, part, name, seen, first_at, last_at, *tag, _is_known(in_force, source, part, name))
            )
        change.facts["names"] = len(found)
    return found


def _is_known(in_force: InForce, source: int, part: str, name: str) -> bool:
    entities = in_force.catalogue.entities
    if source == FILES:
        return part in entities and Fields(entities[part]).knows(name)
    return TrackingPlan.of(in_force.catalogue).knows(part, name)
