"""Listing the names that came and that the catalogue does not know, each with the tag that it suggests."""

from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Select, select

from audit.entries import Entry, Principal
from cdp.bootstrap import InForce, Platform
from cdp.errors import NotFound
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
        looked: what some of its values looked like, by how many of them; no value.
        token: names it in addresses, where the name itself must not stand.
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
    looked: dict[str, int] = field(default_factory=dict)
    token: str = ""


def list_names(
    platform: Platform, *, principal: Principal, after: tuple[int, str] | None = None, limit: int | None = None
) -> list[Seen]:
    """Return the names that are not known, the most frequent first; that somebody looked is on the log.

    Args:
        after: how often the last one of the page before was seen, and its token.
    """
    c = UNDECLARED.c
    wanted = _query().order_by(c.seen.desc(), c.token).limit(limit)
    if after is not None:
        seen, token = after
        wanted = wanted.where((c.seen < seen) | ((c.seen == seen) & (c.token > token)))
    return _read(platform, wanted, principal)


def find_name(platform: Platform, token: str, *, principal: Principal) -> Seen:
    """Return a name by its token; that somebody looked is on the log.

    Raises:
        NotFound: `unknown_name`.
    """
    found = _read(platform, _query().where(UNDECLARED.c.token == token), principal)
    if not found:
        raise NotFound("unknown_name", "no such name came", path="name")
    return found[0]


def _query() -> Select[Any]:
    c = UNDECLARED.c
    return select(c.token, c.source, c.sealed, c.seen, c.looks, c.first_at, c.last_at)


def _read(platform: Platform, wanted: Select[Any], principal: Principal) -> list[Seen]:
    key, in_force = platform.vault.platform_key(UNDECLARED_KEY), platform.in_force(fresh=True)
    with platform.door.record(Entry("change", "undeclared_listed", principal, None)) as change:
        found = []
        for token, source, sealed, seen, looks, first_at, last_at in change.conn.execute(wanted):
            part, name = open_name(key, token, sealed)
            looked = orjson.loads(looks or "{}")
            tag = ("", "") if part == "events" else suggested(name, looked)
            known = _is_known(in_force, source, part, name)
            found.append(Seen(source, part, name, seen, first_at, last_at, *tag, known, looked, token))
        change.facts["names"] = len(found)
    return found


def _is_known(in_force: InForce, source: int, part: str, name: str) -> bool:
    entities = in_force.catalogue.entities
    if source == FILES:
        return part in entities and Fields(entities[part]).knows(name)
    return TrackingPlan.of(in_force.catalogue).knows(part, name)
