"""Whose profile an event goes to, until identity resolution (`cdp.services.identity`) folds sightings by itself.

A user id, or without one an anonymous id, names one profile of its source, and nobody else's: what any holder of a
write key says is true of the profile that this key has made, and of no other.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from audit.door import Change
from audit.entries import timestamp
from cdp.bootstrap import Platform
from cdp.services.identity.kinds import scoped
from cdp.services.identity.sighting import Folded, Sighting
from cdp.services.imports.found import HeldKeys
from cdp.store.bulk import insert_rows
from cdp.store.lookup import find_by_tokens, lock_customers
from cdp.store.platform import IDENTIFIER
from cdp.store.records import Stored, read_rows
from cdp.store.shaper import shaper
from cdp.store.write import Writer
from cdp.terms import CUSTOMER, EVENT_KINDS, Value
from consent.arrivals import Newcomer, create_customers

Key = tuple[str, str]


def fold(platform: Platform, change: Change, sightings: Sequence[Sighting]) -> list[Folded]:
    """Make profiles of sightings; return what became of each."""
    keys = [_key(platform, each) for each in sightings]
    known = _known(change.conn, {key for key in keys if key is not None})
    said: dict[Key, dict[str, Value]] = {}
    in_force = platform.in_force()
    shape = shaper(in_force.catalogue, CUSTOMER)
    plain = {name: field for name, field in shape.entity.fields.items() if not field.identifier}
    for key, sighting in sorted(zip(keys, sightings, strict=True), key=lambda each: (each[1].at, each[1].message_id)):
        if key is not None:
            values, _ = shape.coerce({name: value for name, value in sighting.traits.items() if name in plain})
            said.setdefault(key, {}).update(values)
    people = _Writing(platform, change).write(known, said)
    return [
        Folded(None, dropped="nobody") if key is None else people.get(key, Folded(None, dropped="suppressed"))
        for key in keys
    ]


class _Writing:
    def __init__(self, platform: Platform, change: Change) -> None:
        force = platform.in_force()
        self._vault, self._conn, self._catalogue = platform.vault, change.conn, force.catalogue
        self._entity, self._regimes = force.catalogue.entities[CUSTOMER], force.policy.regime
        self._writer = Writer(
            force.catalogue, self._entity, version=force.catalogue_version, vault=platform.vault,
            dialect=platform.door.dialect,
        )  # fmt: skip

    def write(self, known: dict[Key, str], said: dict[Key, dict[str, Value]]) -> dict[Key, Folded]:
        conn = self._conn
        locked = lock_customers(conn, self._catalogue, set(known.values()))
        held = HeldKeys(self._vault.keys(sorted(locked)))
        ids = [(each, each) for each in sorted(locked)]
        stored = {row.row_id: row for row in read_rows(conn, self._catalogue, self._entity, ids, keys=held)}
        changed, new = [], []
        people: dict[Key, Folded] = {}
        for key, values in said.items():
            row = stored.get(known.get(key, ""))
            if key not in known:
                new.append(key)
            elif row is not None and row.customer_id in held.held:
                people[key] = Folded(row.customer_id, row.ordinal)
                if any(row.values.get(name) != value for name, value in values.items()):
                    changed.append((key, Stored(row.customer_id, row.row_id, row.ordinal, {**row.values, **values})))
        self._writer.replace(conn, [row for _, row in changed], keys=held.held)
        made = create_customers(
            conn, self._writer, [Newcomer(said[key]) for key in new], catalogue=self._catalogue,
            regimes=self._regimes, at=timestamp(), actor="system",
        )  # fmt: skip
        self._bind([(key, row.customer_id) for key, row in zip(new, made, strict=True)])
        return people | {key: Folded(row.customer_id, row.ordinal) for key, row in zip(new, made, strict=True)}

    def _bind(self, made: list[tuple[Key, str]]) -> None:
        rows = [(customer_id, CUSTOMER, customer_id, *key, True, True) for key, customer_id in made]
        insert_rows(self._conn, IDENTIFIER, sorted(rows))


def _key(platform: Platform, sighting: Sighting) -> Key | None:
    named = {each.kind: each for each in sighting.identifiers}
    for kind in EVENT_KINDS:
        if kind in named:
            own = kind if named[kind].verified else scoped(kind, sighting.source)
            token = platform.vault.blind.token(CUSTOMER, own, named[kind].value)
            return None if token is None else (own, token.hex())
    return None


def _known(conn: Connection, keys: set[Key]) -> dict[Key, str]:
    found: dict[Key, str] = {}
    for kind in sorted({kind for kind, _ in keys}):
        bearers = find_by_tokens(conn, CUSTOMER, kind, {token for each, token in keys if each == kind})
        found |= {(kind, token): bearer.customer_id for token, bearer in bearers.items()}
    return found
