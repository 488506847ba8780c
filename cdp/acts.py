"""Acts of consent come in here: a refusal is kept beside the keys first, and a restored copy of data hears it again.

Design section 10, invariant 3, for copies of the data that are older than a refusal; why so is in decision 40. What a
regime or a merge refuses follows again by itself and goes straight to `consent.flags.add_events`. So do acts that come
with a new customer: an older copy has neither.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, func, select

from audit.door import Door
from audit.entries import Entry, Principal, timestamp
from cdp.catalogue.model import Catalogue
from cdp.store.given import Given
from cdp.store.lookup import lock_customers
from cdp.store.platform import CONSENT_EVENT, LOG_ENTRY
from cdp.vault.refusals import START, KeptRefusals, Refusal
from consent.events import Event, Evidence, Source, State
from consent.flags import add_events

ITSELF: Final = Principal("cdp")
REFERENCE: Final = "restored"
BATCH: Final = 1_000
NEWEST: Final = 1_000
"""How many entries are likely to come between the keeping of a refusal and its own, at most."""

Read = Callable[[Callable[[Connection], Any]], Any]
"""`Database.read`."""


def record_acts(conn: Connection, catalogue: Catalogue, events: Sequence[Event], refusals: KeptRefusals) -> list[Event]:
    """Add acts to histories and bring flags in line, as `consent.flags.add_events`; refusals are beside the keys then.

    INVARIANT: before the transaction commits, that is, before the act is acknowledged.

    Raises:
        NotFound: `unknown_customer`; nothing is written then.
        Unavailable: `keystore_…`.
    """
    fresh = add_events(conn, catalogue, events)
    kept = [
        Refusal(event.customer_id, event.event_id, event.choice, event.effective_at)
        for event in fresh
        if event.state is State.REFUSED
    ]
    refusals.keep(kept, size=_length(conn))
    return fresh


def is_behind(refusals: KeptRefusals, read: Read) -> bool:
    """Return whether a store is an older copy: it lacks some of the newest refusals that are kept."""
    newest = refusals.since(max(read(_length) - NEWEST, 0), limit=BATCH)
    return bool(read(partial(_missing, kept=newest)))


def replay_acts(door: Door, catalogue: Catalogue, refusals: KeptRefusals, read: Read) -> int:
    """Have a store that is an older copy hear all that was refused since; return how many acts that were.

    Raises:
        Unavailable: database or keys cannot serve.
    """
    heard, last = 0, START
    while kept := refusals.after(last, limit=BATCH):
        if read(partial(_missing, kept=kept)):
            heard += _hear(door, catalogue, kept)
        last = kept[-1]
    return heard


def _length(conn: Connection) -> int:
    """Return how many entries the log has, by the newest; whether it is whole is for those who append and sign."""
    return int(conn.execute(select(func.coalesce(func.max(LOG_ENTRY.c.number) + 1, 0))).scalar_one())


def _missing(conn: Connection, kept: Sequence[Refusal]) -> list[Refusal]:
    if not kept:
        return []
    given, c = Given(conn.dialect.name, 1), CONSENT_EVENT.c
    known = select(c.customer_id, c.event_id).where(given.holds(c.customer_id))
    there = defaultdict[str, set[str]](set)
    for customer_id, event_id in conn.execute(known, given.values({(each.customer_id,) for each in kept})):
        there[customer_id].add(event_id)
    return [each for each in kept if each.event_id not in there[each.customer_id]]


def _hear(door: Door, catalogue: Catalogue, kept: Sequence[Refusal]) -> int:
    entry = Entry("change", "opt_out", ITSELF, None, {"source": str(Source.RESTORE), "state": str(State.REFUSED)})
    with door.record(entry) as change:
        people = lock_customers(change.conn, catalogue, {each.customer_id for each in kept})
        now, said = timestamp(), Evidence(actor=ITSELF.name)
        events = [
            Event(
                each.customer_id, each.choice, State.REFUSED, Source.RESTORE, each.effective_at, now, said,
                reference=REFERENCE, event_id=each.event_id,
            )
            for each in _missing(change.conn, kept)
            if each.customer_id in people
        ]  # fmt: skip
        fresh = add_events(change.conn, catalogue, events)
        change.subjects += sorted(people[customer_id].ordinal for customer_id in {each.customer_id for each in fresh})
    return len(fresh)
