"""What the platform keeps sealed for nobody yet, and that names somebody who was erased: it goes, before her rows do.

Events wait in the queue under a key of the platform, and so does what was put aside; destroying her key does not reach
them. She is suppressed by then, so what comes meanwhile is dropped when it is folded, and what is being folded at this
moment is waited for.

What is looked for is not this person but anybody who was erased: of a store that is older than an erasure only the
tombstones know, and suppression.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Table, delete, select

from audit.door import Door
from audit.entries import Entry, Principal
from cdp.erasure import register
from cdp.erasure.register import Erasure
from cdp.errors import Unavailable
from cdp.events.aside import QUARANTINE_KEY, open_aside
from cdp.events.counts import DROPPED, SUPPRESSED, Counted, count
from cdp.events.named import Namer, kinds_of
from cdp.events.queue import SPOOL_KEY, lock_waiting, put_back
from cdp.events.undeclared import FILES, UNDECLARED_KEY, open_name
from cdp.events.wire import parse_parcel
from cdp.store.arriving import QUARANTINE, SOURCE, SPOOL, SPOOL_BODY, UNDECLARED
from cdp.store.given import Given
from cdp.store.platform import CATALOGUE_VERSION
from cdp.vault.suppression import Identifier
from cdp.vault.vault import Vault

ACT: Final = "erase"
SWEPT: Final = (str(SPOOL_BODY.name), str(QUARANTINE.name), str(UNDECLARED.name))
"""The tables that are swept; their files hold what went from them, until they are written anew."""

MAX_EVENTS: Final = 2_000
_ROWS: Final = 500

Opened = Callable[[bytes, str, bytes], object]
"""Opens a parcel: key, name, parcel."""

T = TypeVar("T")


def sweep(door: Door, vault: Vault, principal: Principal, erasures: Sequence[Erasure]) -> None:
    """Let go of all that names somebody who was erased; these erasures count what it was.

    In transactions of some thousand events, each with its entry if anything went. May be done twice.

    Raises:
        Unavailable: the database, the keys or the log cannot serve.
    """
    sweeping = _Sweeping(door, vault, principal, erasures)
    for spool_ids in sweeping.waiting():
        sweeping.queue(spool_ids)
    for table, name, opened in (
        (QUARANTINE, QUARANTINE_KEY, open_aside), (UNDECLARED, UNDECLARED_KEY, _name_alone),
    ):  # fmt: skip
        after: str | None = ""
        while after is not None:
            after = sweeping.parcels(table, vault.platform_key(name), opened, after=after)


class _Nothing(Exception):
    """Nothing went; the transaction leaves no trace."""


class _Sweeping:
    def __init__(self, door: Door, vault: Vault, principal: Principal, erasures: Sequence[Erasure]) -> None:
        self._door, self._vault, self._principal, self._erasures = door, vault, principal, erasures
        kinds = kinds_of(body for (body,) in door.lookup(select(CATALOGUE_VERSION.c.body)))
        sources = [*door.lookup(select(SOURCE.c.source, SOURCE.c.name)), (FILES, "files")]
        self._namers = {source: Namer(vault.blind, kinds, name) for source, name in sources}
        self._by_token = {token: each for each in erasures for token in each.suppressed}

    def waiting(self) -> Iterator[list[str]]:
        """Yield the ids of what waits now, as many as one transaction takes."""
        batch, events = list[str](), 0
        for spool_id, number in self._door.lookup(select(SPOOL.c.spool_id, SPOOL.c.events).order_by(SPOOL.c.spool_id)):
            if batch and events + number > MAX_EVENTS:
                yield batch
                batch, events = [], 0
            batch.append(spool_id)
            events += number
        if batch:
            yield batch

    def queue(self, spool_ids: Sequence[str]) -> None:
        """Take events out of rows of the queue."""
        key = self._vault.platform_key(SPOOL_KEY)
        with suppress(_Nothing), self._changing(SPOOL_BODY) as (conn, gone):
            for row in lock_waiting(conn, key, spool_ids):
                parcel, namer = parse_parcel(row.parcel), self._namers[row.source]
                events = self._kept(parcel.events, [namer.of(each) for each in parcel.events], gone)
                broken = self._kept(parcel.broken, [namer.anywhere(text) for _, text in parcel.broken], gone)
                out = len(parcel.events) + len(parcel.broken) - len(events) - len(broken)
                if out:
                    put_back(conn, key, row.spool_id, replace(parcel, events=events, broken=broken))
                    count(conn, {Counted(row.source, DROPPED, SUPPRESSED): out})

    def parcels(self, table: Table, key: bytes, opened: Opened, *, after: str) -> str | None:
        """Delete rows of a table whose parcels stand alone; return where to go on, if anywhere."""
        (name,), rows = table.primary_key.columns, list[Any]()
        wanted = select(name, table.c.source, table.c.sealed).where(name > after).order_by(name).limit(_ROWS)
        with suppress(_Nothing), self._changing(table) as (conn, gone):
            rows += conn.execute(wanted).all()
            ids = [row[0] for row in rows]
            named = [self._namers[row.source].anywhere(_opened(opened, key, *row)) for row in rows]
            out = sorted({*ids} - {*self._kept(ids, named, gone)})
            given = Given(conn.dialect.name, 1)
            conn.execute(delete(table).where(given.holds(name)), given.texts(out))
        return str(rows[-1][0]) if len(rows) == _ROWS else None

    def _kept(self, items: Sequence[T], named: Sequence[set[Identifier]], gone: Counter[str]) -> list[T]:
        """Return those that name nobody who was erased; count the others for the erasure that they belong to."""
        erased = self._vault.suppression.erased({each for names in named for each in names})
        kept = []
        for item, names in zip(items, named, strict=True):
            hers = [self._vault.suppression.token(each) for each in sorted(names & erased)]
            if not hers:
                kept.append(item)
                continue
            whose = next((self._by_token[token] for token in hers if token in self._by_token), self._erasures[0])
            gone[whose.customer_id] += 1
        return kept

    @contextmanager
    def _changing(self, table: Table) -> Iterator[tuple[Connection, Counter[str]]]:
        entry = Entry("change", ACT, self._principal, None, {"step": "sweep"})
        with self._door.record(entry) as change:
            gone: Counter[str] = Counter()
            yield change.conn, gone
            hers = [each for each in self._erasures if gone[each.customer_id]]
            if not hers:
                raise _Nothing
            for each in sorted(hers, key=lambda one: one.customer_id):
                register.add_counts(change.conn, each, {str(table.name): gone[each.customer_id]})
            change.subjects += [each.ordinal for each in hers if each.ordinal is not None]
            change.facts |= {"erasures": [each.erasure_id for each in hers], "rows": {str(table.name): gone.total()}}


def _opened(opened: Opened, key: bytes, name: str, _source: int, sealed: bytes) -> object:
    try:
        return opened(key, name, bytes(sealed))
    except Unavailable:  # nobody can read it, whoever is in it
        return None


def _name_alone(key: bytes, token: str, sealed: bytes) -> object:
    return list(open_name(key, token, sealed))
