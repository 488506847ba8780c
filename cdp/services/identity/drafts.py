"""Profiles as the sightings of one batch make them, before they are written."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import Connection

from audit.entries import timestamp
from cdp.bootstrap import InForce
from cdp.errors import Unavailable
from cdp.services.identity.caps import Caps
from cdp.services.identity.said import Said, ground, hear, latest, read_said, unite
from cdp.services.identity.sighting import Sighting
from cdp.services.imports.found import HeldKeys
from cdp.store.corrected import Pins, corrected_fields, read_pins
from cdp.store.lookup import Customer, count_identifiers
from cdp.store.provenance import Origin
from cdp.store.records import Stored, read_rows
from cdp.store.shaper import shaper
from cdp.terms import CUSTOMER, Value
from cdp.vault.vault import Vault

Identifier = tuple[str, str]
"""A kind and a blind token in hex."""


@dataclass(eq=False)
class Draft:
    """A profile.

    Attributes:
        stored: her row as it is, without values until something is said of her; None for somebody new, whose ids are
            filled in when she is written.
        borne: the identifiers that she has got in this batch.
        claims: by source, kind and token, the identifiers that are claimed to be hers.
        pins: what she had corrected.
        part_of: the profile that this one, which is not stored, has become a part of.
        origins: where what she is made of, or changed by, in this batch comes from.
    """

    stored: Stored | None
    values: dict[str, Value]
    said: Said
    customer_id: str = ""
    pins: Pins = field(default_factory=dict)
    ordinal: int | None = None
    borne: dict[Identifier, None] = field(default_factory=dict)
    claims: dict[tuple[str, str, str], str] = field(default_factory=dict)
    origins: set[Origin] = field(default_factory=set)
    changed: bool = False
    heard: bool = False
    part_of: "Draft | None" = None

    @property
    def whole(self) -> "Draft":
        """The profile that this one has become a part of; if of none, itself."""
        return self if self.part_of is None else self.part_of.whole


class Drafting:
    """All profiles of one batch.

    What is stored of somebody is read only where a sighting says something of her: most events say whom they are about
    and no more.

    Args:
        bearers: who bears what, of stored customers.
        locked: those customers, locked.
        told: those of them of whom something is said, as far as that can be seen beforehand: they are read at once.
    """

    def __init__(
        self, conn: Connection, in_force: InForce, vault: Vault, bearers: Mapping[Identifier, str],
        locked: Mapping[str, Customer], *, told: Collection[str], caps: Caps,
    ) -> None:  # fmt: skip
        self._conn, self._in_force, self._caps = conn, in_force, caps
        self.keys = vault.keys(sorted(locked))
        if self.keys.keys() != locked.keys():  # one of them is being erased: soon nobody bears this any more
            raise Unavailable("store_conflict", "another change of the database came first", hint="try again")
        self._shaper = shaper(in_force.catalogue, CUSTOMER)
        self._stored = {
            each: Draft(Stored(each, each, customer.ordinal, {}), {}, {}, each, ordinal=customer.ordinal)
            for each, customer in sorted(locked.items())
        }
        self._unread = {*locked}
        self._read(sorted(told))
        self._by_token: dict[Identifier, Draft] = {each: self._stored[customer] for each, customer in bearers.items()}
        self.all: list[Draft] = list(self._stored.values())
        self._now = timestamp()

    def of(self, identifier: Identifier) -> Draft | None:
        """Return who bears an identifier."""
        return self._by_token.get(identifier)

    def new(self, identifiers: Sequence[Identifier]) -> Draft:
        """Return a new profile that bears these."""
        made = Draft(None, {}, {}, changed=True)
        self.all.append(made)
        self.bear(made, identifiers)
        return made

    def bear(self, draft: Draft, identifiers: Iterable[Identifier]) -> None:
        """Have a profile bear identifiers that nobody bears."""
        for each in identifiers:
            if each not in self._by_token:
                before = self._borne.get(draft.customer_id, 0) if draft.stored else 0
                if len(draft.borne) + before >= self._caps.identifiers:
                    self._caps.over["identifiers"] += 1
                    continue
                self._by_token[each] = draft
                draft.borne[each] = None

    def unite(self, draft: Draft, other: Draft) -> None:
        """Make a profile that is not stored yet a part of another."""
        for token, bearer in self._by_token.items():
            if bearer is other:
                self._by_token[token] = draft
        draft.borne |= other.borne
        draft.claims |= other.claims
        draft.origins |= other.origins
        self._require_read(draft)
        free = other.values.keys() - corrected_fields(draft.pins, draft.values)
        ground(draft.said, draft.values, free, at=self._now)
        draft.said, draft.heard = unite(draft.said, other.said), True
        self._settle(draft, free)
        other.part_of = draft

    def claim(self, draft: Draft, source: str, claims: Iterable[tuple[Identifier, str]]) -> None:
        """Have a source claim identifiers for a profile."""
        for (kind, token), text in claims:
            if (kind, token) not in draft.borne and self._by_token.get((kind, token)) is not draft:
                draft.claims.setdefault((source, kind, token), text)

    def hear(self, draft: Draft, sighting: Sighting, traits: Mapping[str, object]) -> tuple[str, ...]:
        """Take in what a sighting says of a profile; return the names of traits that do not fit."""
        if traits:
            self._require_read(draft)
        values, faults = self._shaper.coerce(traits)
        held = self._held(draft, sighting, values)
        free = values.keys() - held
        for name in free:  # what gives way counts from when it was corrected, all else that nobody said from now
            corrected = name in corrected_fields(draft.pins, draft.values)
            ground(draft.said, draft.values, [name], at=draft.pins[name].at if corrected else self._now)
        for name, value in values.items():
            if hear(draft.said, sighting.source, name, (sighting.at, sighting.message_id, value)):
                draft.heard = True
        if (self._settle(draft, free) or draft.stored is None) and sighting.origin is not None:
            draft.origins.add(sighting.origin)
        return tuple(fault.path for fault in faults)

    @cached_property
    def _borne(self) -> dict[str, int]:
        return count_identifiers(self._conn, sorted(self._stored))

    def _require_read(self, draft: Draft) -> None:
        """Read what is stored of a profile, unless it is new or was read before."""
        if draft.customer_id in self._unread:
            self._read([draft.customer_id])

    def _read(self, customer_ids: Sequence[str]) -> None:
        """Read what is stored of customers, and what was said of them."""
        conn, catalogue = self._conn, self._in_force.catalogue
        keys = {each: self.keys[each] for each in customer_ids}
        rows = read_rows(
            conn, catalogue, catalogue.entities[CUSTOMER], [(each, each) for each in keys], keys=HeldKeys(keys)
        )
        said, pins = read_said(conn, keys), read_pins(conn, CUSTOMER, keys)
        for row in rows:
            draft = self._stored[row.customer_id]
            draft.stored, draft.values = row, dict(row.values)
            draft.said, draft.pins = said[row.customer_id], pins.get(row.customer_id, {})
        self._unread.difference_update(customer_ids)

    def _held(self, draft: Draft, sighting: Sighting, values: Mapping[str, Value]) -> set[str]:
        """Return the fields that she had corrected, and that stay so whatever this says of them."""
        verified = any(each.verified for each in sighting.identifiers)
        return {
            name
            for name in corrected_fields(draft.pins, draft.values) & values.keys()
            if not draft.pins[name].gives_way(values[name], at=sighting.at, verified=verified)
        }

    def _settle(self, draft: Draft, fields: Iterable[str]) -> bool:
        """Put into fields what counts of what was said of them; return whether that is something else than before."""
        settled = False
        for name in fields:
            counting = latest(draft.said, name)
            if counting is not None and draft.values.get(name) != counting[3]:
                draft.values[name] = counting[3]
                draft.changed = settled = True
        return settled
