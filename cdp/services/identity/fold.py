"""Sightings of events become profiles: `fold`, in the caller's transaction.

    1. tokens of what each sighting names; who bears them; only then what of it is suppressed
    2. the customers behind them, locked, with their keys, their rows and what was said of them
    3. sighting after sighting: whose profile it is, what it says of her, what it claims
    4. where verified identifiers of one sighting are borne by two, the two are merged, and what follows begins anew
    5. rows, aliases, what was said and claims are written

INVARIANT: a profile is reached by an identifier only where a source that verifies this kind says it, or in the source's
own name space (`user_id@web`). A claim reaches nobody. So whoever holds a write key changes profiles that this key has
made, and no other.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from audit.door import Change
from audit.entries import Principal, timestamp
from cdp.bootstrap import InForce, Platform
from cdp.errors import Refused
from cdp.services.identity.caps import Caps
from cdp.services.identity.merging import merge
from cdp.services.identity.resolve import Resolver, Split
from cdp.services.identity.sighting import Folded, Sighting
from cdp.services.provenance.declare import unstated
from cdp.store.provenance import Origin, intern, seconds

CAUSE = "event"
"""The cause of a merge that a verifying source made."""


def fold(platform: Platform, change: Change, sightings: Sequence[Sighting], caps: Caps | None = None) -> list[Folded]:
    """Make profiles of sightings; return what became of each, in their order.

    Args:
        caps: how much may be made; what was over is counted there.

    Raises:
        Unavailable: `store_conflict`, when another change came first: the transaction has to be run again.
    """
    in_force, vault = platform.in_force(), platform.vault
    sightings = _with_origins(change.conn, in_force, sightings)
    caps, done = caps or Caps(), list[Folded]()
    apart: set[frozenset[str]] = set()
    while len(done) < len(sightings):
        resolver = Resolver(change, in_force, vault, sightings[len(done) :], apart=apart, caps=caps)
        done += resolver.run()
        split = resolver.split
        if split is not None:
            try:
                principal = Principal(f"source:{split.source}")
                merge(change, in_force, vault, split.survivor, split.absorbed, principal=principal, cause=CAUSE)
            except Refused:  # too many became one already: this sighting goes to the stronger one's profile
                apart.add(frozenset((split.survivor, split.absorbed)))
            done = _moved(done, split)
    return done


def _with_origins(conn: Connection, in_force: InForce, sightings: Sequence[Sighting]) -> list[Sighting]:
    """Return the sightings with an origin each: now, and what a source declares that declares nothing."""
    at, silent = timestamp(), dict[str, Origin]()
    for source in sorted({each.source for each in sightings if each.origin is None}):
        silent[source] = Origin(intern(conn, unstated(in_force.policy, source), at=at), seconds(at))
    return [replace(each, origin=silent[each.source]) if each.origin is None else each for each in sightings]


def _moved(done: list[Folded], split: Split) -> list[Folded]:
    """Return what became of earlier sightings, now that one of their profiles is part of another."""
    return [
        Folded(split.survivor, split.ordinal, each.dropped, each.faults)
        if each.customer_id == split.absorbed else each
        for each in done
    ]  # fmt: skip
