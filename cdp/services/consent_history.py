"""Reading what a customer refused and allowed, and how it stands. To read it is an access, and has its entry."""

import base64
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import Connection, select

from audit.entries import Entry, Principal
from audit.passage import Chunk
from cdp.bootstrap import InForce, Platform
from cdp.catalogue.places import flag_column
from cdp.services.customers import find_customer
from cdp.store.tables import build_schema
from cdp.vault.vault import Vault
from consent.choices import Choices
from consent.events import Event
from consent.explain import Verdict, explain
from consent.history import read_events
from consent.regimes.chosen import Hers
from consent.residence import read_regimes

Act = Literal["consent_history", "consent_show"]


@dataclass(frozen=True)
class Standing:
    """How it stands with one customer.

    Attributes:
        flags: what her row says, which is what views test; null or odd counts as refused.
        verdicts: what her history amounts to, and why; the two agree, or `cdp consent rebuild --check` says so.
        hers: the regime that holds for her.
        history: oldest first.
    """

    customer_id: str
    flags: dict[str, bool]
    verdicts: tuple[Verdict, ...]
    hers: Hers
    history: tuple[Event, ...]


class _Reading:
    """One customer's history, for `audit.door.Door.disclose`."""

    def __init__(self, entry: Entry, in_force: InForce, vault: Vault, customer: str) -> None:
        self._entry, self._in_force, self._vault, self._customer = entry, in_force, vault, customer

    def entry(self, principal: Principal) -> Entry:
        """Return the entry of the reading."""
        return replace(self._entry, principal=principal)

    def read(self, conn: Connection, _position: object | None) -> Chunk:
        """Return the one row that there is."""
        in_force = self._in_force
        found = find_customer(conn, in_force, self._vault, self._customer)
        history = read_events(conn, found.customer_id)
        customer = build_schema(in_force.catalogue, conn.dialect.name).customer
        names = in_force.catalogue.opt_outs
        free = select(*(customer.c[flag_column(name)].is_(False) for name in names))
        row = conn.execute(free.where(customer.c.customer_id == found.customer_id)).one()
        hers = read_regimes(conn, in_force.catalogue, in_force.policy.regime, [found.customer_id])[found.customer_id]
        standing = Standing(
            found.customer_id,
            {name: not allowed for name, allowed in zip(names, row, strict=True)},
            tuple(explain(history, Choices.of(in_force.catalogue))),
            hers,
            tuple(history),
        )
        return Chunk([(standing,)], [found.ordinal], None)


def read_consent(
    platform: Platform,
    customer: str,
    *,
    principal: Principal,
    act: Act = "consent_history",
    words: bool = False,
) -> Standing:
    """Return a customer's history and how it stands.

    Args:
        words: whether what she said will be opened (`with_words`); the entry says so.

    Raises:
        NotFound: `unknown_customer`.
    """
    in_force = platform.in_force(fresh=True)
    entry = Entry("disclosure", act, principal, in_force.versions, {"words": True} if words else {})
    reading = _Reading(entry, in_force, platform.vault, customer)
    standing: Standing = next(iter(platform.door.disclose(reading, principal)))[0][0]
    return standing


def with_words(vault: Vault, event: Event) -> Event:
    """Return an act with her word opened, for whom her history was disclosed to."""
    if not event.evidence.word:
        return event
    word = vault.unseal_note(f"consent/{event.event_id}", base64.b64decode(event.evidence.word))
    return replace(event, evidence=replace(event.evidence, word=word))
