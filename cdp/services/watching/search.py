"""Searching the log, by what entries say and by whom they are about; that somebody searched is itself on the log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, Final

from pyroaring import BitMap
from sqlalchemy import Connection, select

from audit.about import entries_of
from audit.entries import HERSELF, Entry, Principal, parse_entry
from audit.passage import Chunk
from audit.search import END, Search, Sought, beginning, find_entries
from cdp.bootstrap import InForce, Platform
from cdp.errors import BadInput, NotFound
from cdp.services.customers import find_customer
from cdp.services.known_as import known_as
from cdp.store.platform import LOG_ENTRY
from cdp.store.tables import build_schema

KINDS: Final = ("staff", "app", "os", "source", "regulator", "system")
"""What stands before the names of principals; who seeks `iris` means her whatever she is."""

PER_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is sought; empty for anything.

    Attributes:
        who: the name of a principal, with or without what it is; with a `*` at its end, all that begin so.
        since, until: days, in UTC.
        whom: a customer, by id or as `email:…`.
    """

    who: str = ""
    what: str = ""
    act: str = ""
    view: str = ""
    purpose: str = ""
    recipient: str = ""
    code: str = ""
    since: str = ""
    until: str = ""
    whom: str = ""

    @property
    def named(self) -> list[str]:
        """What is asked about; an entry of the log says so much, and not what was typed."""
        return [each.name for each in fields(self) if getattr(self, each.name)]

    def parts(self) -> Mapping[str, Sequence[Sought]]:
        """Return what the entries have to say.

        Raises:
            BadInput: `bad_bound`, for a day that is none.
        """
        found: dict[str, Sequence[Sought]] = {
            name: [Sought(value)]
            for name in ("what", "act", "view", "purpose", "recipient", "code")
            if (value := getattr(self, name))
        }
        if self.who:
            found["principal"] = _named(self.who)
        if self.since or self.until:
            found["day"] = [Sought(_day(self.since, "0"), _day(self.until, END))]
        return found


@dataclass(frozen=True)
class Hits:
    """A page of what was found, the newest first, and from where it goes on.

    Attributes:
        whom: the id of the customer that was asked about.
    """

    entries: list[tuple[int, dict[str, Any]]]
    below: int | None
    whom: str = ""


@dataclass
class _Searching:
    """One page, as the door reads it."""

    platform: Platform
    in_force: InForce
    wanted: Wanted
    before: int | None
    parts: Mapping[str, Sequence[Sought]]
    below: int | None = None
    whom: str = ""
    _subjects: list[int] = field(default_factory=list)

    def entry(self, principal: Principal) -> Entry:
        """Return the entry of the search."""
        return Entry("disclosure", "log_search", principal, self.in_force.versions, {"by": self.wanted.named})

    def read(self, conn: Connection, _position: object | None) -> Chunk:
        """Find a page, and read what its entries say."""
        search = Search(self.parts, self._among(conn) if self.wanted.whom else None)
        known = self.platform.door.newest.known
        page = find_entries(conn.execute, search, before=self.before, limit=PER_PAGE, known=known)
        c = LOG_ENTRY.c
        rows = conn.execute(select(c.number, c.entry).where(c.number.in_(page.numbers)).order_by(c.number.desc()))
        self.below = page.below
        return Chunk([(number, parse_entry(bytes(data))) for number, data in rows], self._subjects, None)

    def _among(self, conn: Connection) -> BitMap:
        found = find_customer(conn, self.in_force, self.platform.vault, self.wanted.whom)
        self.whom, self._subjects = found.customer_id, [found.ordinal]
        schema = build_schema(self.in_force.catalogue, conn.dialect.name)
        return BitMap(entries_of(conn, known_as(conn, schema, found)))


def search_log(platform: Platform, wanted: Wanted, *, principal: Principal, before: int | None = None) -> Hits:
    """Return a page of the entries that fit.

    Raises:
        BadInput: `bad_bound`.
        NotFound: `unknown_customer`; it has its entry.
        Unavailable: the database, the keys or the log cannot serve.
    """
    reading = _Searching(platform, platform.in_force(fresh=True), wanted, before, wanted.parts())
    try:
        found = [(row[0], row[1]) for rows in platform.door.disclose(reading, principal) for row in rows]
    except NotFound as error:
        facts = {"code": error.code, "by": wanted.named}
        platform.door.note(Entry("refusal", "log_search", principal, platform.in_force().versions, facts))
        raise
    return Hits(found, reading.below, reading.whom)


def _named(who: str) -> list[Sought]:
    names = [who] if ":" in who or who == HERSELF.name else [who, *(f"{kind}:{who}" for kind in KINDS)]
    return [beginning(each[:-1]) if each.endswith("*") else Sought(each) for each in names]


def _day(text: str, otherwise: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if text else otherwise
    except ValueError:
        hint = "give a day such as 2026-03-01"
        raise BadInput("bad_bound", "this is neither a number nor a time", path="day", hint=hint) from None
