"""Who saw me: every read and every change that the log has about one customer, each read as one, newest first.

Design section 6. What is known comes from the entries alone: the log holds no value, so it knows in which shape a field
was due to her, not whether there was anything in it. Where a refusal decides the shape, the history of her choices says
which it was. The look-up is itself an access and has its entry before anything of it leaves. What was done by
break-glass is not told to her before her delay is over, if a law has it delayed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, select

from audit.about import entries_of
from audit.entries import HERSELF, Entry, Principal, parse_entry
from audit.passage import Chunk
from cdp.bootstrap import InForce, Platform
from cdp.catalogue.places import flag_column
from cdp.errors import NotFound
from cdp.services.breakglass.withheld import withheld_from
from cdp.services.customers import Found, find_customer
from cdp.services.known_as import known_as
from cdp.store.platform import LOG_ENTRY, LOG_NOTE
from cdp.store.tables import build_schema
from cdp.vault.vault import Vault
from consent.choices import Choices
from consent.history import read_events
from consent.precedence import refused_flags

BATCH = 500
"""Entries per look at the log, and accesses per entry of the look-up."""

_FEWEST = 50


class Audience(StrEnum):
    """For whom the answer is.

    An officer sees every reason; the person those of reads that were about her alone, since what somebody says about
    many may name others.
    """

    OFFICER = "officer"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Shown:
    """One field as a view gave it.

    Attributes:
        shape: what everybody's cell is: `clear`, `masked`, `general` or `hidden`.
        otherwise: what it is for somebody who refused one of `unless`; the same where no refusal acts on it.
        applied: which of the two was hers, by the history of her choices; None where that cannot be said.
    """

    name: str
    shape: str
    otherwise: str
    unless: tuple[str, ...]
    applied: str | None


@dataclass(frozen=True, slots=True)
class From:
    """Where a look begins: before an entry, and without the reads, by their first entry, that were told already."""

    before: int
    shown: frozenset[int]


@dataclass(frozen=True)
class Access:
    """One read, or one change, as far as it was about her.

    Attributes:
        entries: the numbers of its entries that are about her, each of which can be proven.
        by_herself: whether she did it herself.
        customers: about how many the first of these entries is.
        reason: why, in the reader's words, where this audience may see them; else empty.
        has_reason: whether a reason was given at all.
        break_glass: by which grant, where it was by one.
    """

    entries: tuple[int, ...]
    at: str
    what: str
    act: str
    principal: str
    role: str
    by_herself: bool
    customers: int
    view: str | None = None
    kind: str | None = None
    purpose: str | None = None
    recipient: str | None = None
    fields: tuple[Shown, ...] = ()
    reason: str = ""
    has_reason: bool = False
    break_glass: str | None = None


def who_saw(
    platform: Platform,
    customer: str,
    *,
    principal: Principal,
    audience: Audience = Audience.OFFICER,
    limit: int | None = None,
    start: From | None = None,
) -> Iterator[Access]:
    """Yield who saw a customer, newest first.

    Raises:
        NotFound: `unknown_customer`, also for somebody who was erased; it has its entry.
        Unavailable: the database, the keys or the log cannot serve.
    """
    reading = _Lookup(platform, platform.in_force(fresh=True), customer, audience, limit, start)
    try:
        for rows in platform.door.disclose(reading, principal):
            yield from (row[0] for row in rows)
    except NotFound as error:
        facts = {"code": error.code}
        platform.door.note(Entry("refusal", "who_saw", principal, platform.in_force().versions, facts))
        raise


@dataclass
class _Lookup:
    """The look-up as the door reads it."""

    platform: Platform
    in_force: InForce
    customer: str
    audience: Audience
    limit: int | None
    start: From | None
    _waiting: list[int] = field(default_factory=list)
    _whose: dict[int, tuple[str, ...]] = field(default_factory=dict)
    _found: Found | None = None
    _withheld: frozenset[str] = frozenset()

    def entry(self, principal: Principal) -> Entry:
        facts = {"audience": str(self.audience)}
        return Entry("disclosure", "who_saw", principal, self.in_force.versions, facts)

    def read(self, conn: Connection, position: object | None) -> Chunk:
        if position is None or self._found is None:
            self._found = find_customer(conn, self.in_force, self.platform.vault, self.customer)
            schema = build_schema(self.in_force.catalogue, conn.dialect.name)
            self._whose = entries_of(conn, known_as(conn, schema, self._found))
            self._waiting = [number for number in self._whose if self.start is None or number < self.start.before]
            if self.audience is Audience.PERSON:
                self._withheld = withheld_from(conn, self._found.customer_id)
        else:  # whoever was erased meanwhile is nobody
            self._found = find_customer(conn, self.in_force, self.platform.vault, self._found.customer_id)
        most = BATCH if self.limit is None else min(BATCH, self.limit)
        groups = self._groups(conn, most) if most else []
        if self.limit is not None:
            self.limit -= len(groups)
        ids = {whose for entries in groups for number in entries for whose in self._whose[number]}
        told = {each: Told(conn, self.in_force, each) for each in ids}
        reasons = self._reasons(conn, groups)
        rows = [(_access(entries, self._tellers(entries, told), reasons),) for entries in groups]
        more = self._waiting and self.limit != 0
        return Chunk(rows, [self._found.ordinal], len(rows) if more else None)

    def _groups(self, conn: Connection, most: int) -> list[dict[int, dict[str, Any]]]:
        """Take entries from the newest on, those of one read together, until there are enough reads, each whole."""
        reads: dict[int, dict[int, dict[str, Any]]] = {}
        later: list[int] = []
        while self._waiting:
            batch = self._waiting[-max(most, _FEWEST) :]
            del self._waiting[-len(batch) :]
            bodies = _bodies(conn, batch)
            for number in reversed(batch):
                if number not in bodies:
                    continue  # it was dropped when its time was over
                if bodies[number].get("break_glass") in self._withheld:
                    continue  # she is told of it later
                read = bodies[number].get("first", number)
                if self.start is not None and read in self.start.shown:
                    continue
                if read in reads or len(reads) < most:
                    reads.setdefault(read, {})[number] = bodies[number]
                else:
                    later.append(number)
            if len(reads) == most and self._waiting and self._waiting[-1] < min(reads):
                break  # no read has an entry before its first
        self._waiting += reversed(later)
        return list(reads.values())

    def _tellers(self, entries: Mapping[int, Any], told: Mapping[str, "Told"]) -> list["Told"]:
        """Return the histories by which a read was decided that is about her; none if it is so by another's number."""
        whose = [self._whose[number] for number in entries]
        return [told[each] for each in sorted({name for names in whose for name in names})] if all(whose) else []

    def _reasons(self, conn: Connection, groups: Sequence[Mapping[int, Mapping[str, Any]]]) -> dict[int, str]:
        """Return the reasons that may be told, by entry."""
        officer = self.audience is Audience.OFFICER
        numbers = [
            number
            for entries in groups
            for number, body in entries.items()
            if "reason" in body and (officer or (body["customers"] == 1 and self._whose[number]))
        ]
        c = LOG_NOTE.c
        rows = conn.execute(select(c.entry, c.salt, c.sealed).where(c.entry.in_(numbers))) if numbers else ()
        return {row.entry: _unsealed(self.platform.vault, bytes(row.salt), bytes(row.sealed)) for row in rows}


class Told:
    """What the history of her choices says about a time."""

    def __init__(self, conn: Connection, in_force: InForce, customer_id: str) -> None:
        self._events = read_events(conn, customer_id)
        self._choices = Choices.of(in_force.catalogue)
        self._known = frozenset(in_force.catalogue.opt_outs)
        customer = build_schema(in_force.catalogue, conn.dialect.name).customer
        flags = [customer.c[flag_column(name)] for name in in_force.catalogue.opt_outs]
        row = conn.execute(select(*flags).where(customer.c.customer_id == customer_id)).one_or_none()
        now = refused_flags(self._events, self._choices)
        standing = {name for name, flag in zip(in_force.catalogue.opt_outs, row or (), strict=row is not None) if flag}
        self._unsaid = standing ^ now if row is not None else set[str]()
        """Flags that the history does not explain: about them nothing is said. Who became part of another has none."""

    def applied(self, unless: Sequence[str], at: str, shape: str, otherwise: str) -> str | None:
        """Return which of two shapes was hers."""
        if shape == otherwise:
            return shape
        if not self._known.issuperset(unless) or not self._unsaid.isdisjoint(unless):
            return None
        before = [event for event in self._events if event.received_at <= at and event.effective_at <= at]
        return shape if refused_flags(before, self._choices).isdisjoint(unless) else otherwise


def _bodies(conn: Connection, numbers: Sequence[int]) -> dict[int, dict[str, Any]]:
    c = LOG_ENTRY.c
    rows = conn.execute(select(c.number, c.entry).where(c.number.in_(numbers)))
    return {number: parse_entry(bytes(entry)) for number, entry in rows}


def _access(entries: Mapping[int, Mapping[str, Any]], told: Sequence[Told], reasons: Mapping[int, str]) -> Access:
    numbers = tuple(sorted(entries))
    body = entries[numbers[0]]
    said = {name: body.get(name) for name in ("view", "kind", "purpose", "recipient")}
    return Access(
        numbers,
        body["at"],
        body["what"],
        body["act"],
        body["principal"],
        body["role"],
        by_herself=bool(told) and body["principal"] == HERSELF.name and body["customers"] == 1,
        customers=body["customers"],
        fields=tuple(_shown(each, body["at"], told) for each in body.get("fields", ()) if isinstance(each, list)),
        reason=next((reasons[number] for number in numbers if number in reasons), ""),
        has_reason="reason" in body,
        break_glass=body.get("break_glass"),
        **said,
    )


def _shown(column: Sequence[str], at: str, told: Sequence[Told]) -> Shown:
    """Return what an entry says of a column: its name, its shape, and what which refusals turn it into."""
    name, shape, *refused = column
    otherwise, unless = (refused[0], tuple(refused[1:])) if refused else (shape, ())
    applied = {each.applied(unless, at, shape, otherwise) for each in told}
    if shape == otherwise:
        applied = {shape}
    return Shown(name, shape, otherwise, unless, applied.pop() if len(applied) == 1 else None)


def _unsealed(vault: Vault, salt: bytes, sealed: bytes) -> str:
    return vault.unseal_note(salt.hex(), sealed)
