"""The only way to a connection. No entry, no rows.

Design section 6. `disclose` reads a chunk, has its entry durable, and only then hands the chunk out; `record` runs a
change and its entry in one transaction; `note` records a refusal; `lookup` reads tables that are about nobody.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, Protocol, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Select,
    Table,
    TableClause,
    TextClause,
    Update,
    func,
    select,
    text,
    true,
)
from sqlalchemy.sql.visitors import iterate

from audit.append import Log
from audit.entries import Entry, Principal
from audit.newest import Newest
from audit.passage import Askable, Passage, Reading, Row
from audit.verify_log import Progress, Verified, verify_log
from cdp.database.database import Database
from cdp.database.faults import STORE
from cdp.errors import CdpError, Unavailable
from cdp.store.statement import Statement, without_waiting

Sign = Callable[[], object]
T = TypeVar("T")


class Notes(Protocol):
    """Seals what people say about their reads and changes; the vault does."""

    def seal_note(self, context: str, text: str) -> bytes:
        """Seal a text, bound to a context."""

    def unseal_note(self, context: str, blob: bytes) -> str:
        """Open what `seal_note` sealed."""


def _owner(table: TableClause) -> object:
    """Return the column that says whose data a table holds, None when it is nobody's; a table that is silent is not."""
    return table.info.get("owner", "unsaid") if isinstance(table, Table) else "unsaid"


def _require_lookup(statement: Select[Any]) -> None:
    for element in iterate(statement):
        if isinstance(element, TextClause) or (isinstance(element, TableClause) and _owner(element) is not None):
            raise Unavailable("not_a_lookup", "only tables that are about nobody are read without an entry")


@dataclass
class Change:
    """A change under way: its transaction, and what its entry will say besides.

    Attributes:
        principal: who acts, where that turns out only in the transaction.
        when_numbered: called at the end of the transaction with the number of the entry, to be kept with the work.
    """

    conn: Connection
    subjects: list[int] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    principal: Principal | None = None
    when_numbered: Callable[[int], None] | None = None


class Door:
    """The door of one database; `newest` is what this process knows of the newest entries, to search them."""

    def __init__(self, database: Database, notes: Notes) -> None:
        self._database = database
        self._notes = notes
        self._log = Log(database, notes.seal_note)
        self.newest = Newest()

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._database.dialect

    def disclose(self, reading: Reading, principal: Principal) -> Iterator[Sequence[Row]]:
        """Yield chunks of rows. A read that finds nothing is a disclosure, too, and has its entry.

        INVARIANT: what is yielded has an entry that was durable before (invariant 2); flags are read with each chunk,
        in its own transaction, so a refusal acknowledged before holds (invariant 3).

        Raises:
            Unavailable: the database, the keys or the log cannot serve; `superseded` when the policy changed.
        """
        yield from self._pass(Passage(reading, principal))

    def disclose_together(
        self, readings: Sequence[tuple[Askable, Principal]]
    ) -> list[Iterator[Sequence[Row]] | CdpError]:
        """Begin several small readings at once: one look at the database, and one commit for all their entries.

        INVARIANT: as `disclose`. The look begins after all of them were asked for, and what is wrong with the entry of
        one keeps nobody else's rows back; its error is returned in place of its chunks.

        Raises:
            CdpError: one of them cannot be read so, and nothing was logged: let each be read by itself.
        """
        passages = [Passage(reading, principal) for reading, principal in readings]
        with self._database.reading() as conn, without_waiting(conn):
            for reading, _ in readings:
                reading.ask(conn)
            for passage in passages:
                passage.read(conn)
        found: list[Iterator[Sequence[Row]] | CdpError] = []
        due = [(passage, passage.due()) for passage in passages]
        numbers = iter(self._log.append_each([entry for _, entry in due if entry is not None]))
        for passage, entry in due:
            number = 0 if entry is None else next(numbers)
            if isinstance(number, CdpError):
                found.append(number)
                continue
            if entry is not None:
                passage.logged(number)
            here = (passage.chunk.rows,) if passage.chunk.rows else ()
            found.append(chain(here, self._pass(passage)) if passage.more else iter(here))
        return found

    def _pass(self, passage: Passage) -> Iterator[Sequence[Row]]:
        while True:
            # 1. Read one chunk.
            with self._explained(passage.entry), self._database.reading() as conn:
                passage.read(conn)
            # 2. Make its entry durable.
            entry = passage.due()
            if entry is not None:
                passage.logged(self._log.append(entry))
            # 3. Only now hand it out.
            if passage.chunk.rows:
                yield passage.chunk.rows
            if not passage.more:
                return

    @contextmanager
    def record(self, entry: Entry) -> Iterator[Change]:
        """Run a change: the work inside and its entry commit together, or neither does.

        Raises:
            Unavailable: the database or the log cannot serve.
        """
        with self._explained(entry), self._database.writing() as conn:
            change = Change(conn)
            yield change
            facts = {**entry.facts, **change.facts}
            subjects, principal = (*entry.subjects, *change.subjects), change.principal or entry.principal
            done = replace(entry, facts=facts, subjects=subjects, principal=principal)
            (number,) = self._log.append_within(conn, [done])
            if change.when_numbered is not None:
                change.when_numbered(number)

    @contextmanager
    def read_log(self, entry: Entry, about: Callable[[Connection], Sequence[int]], sign: Sign) -> Iterator[Connection]:
        """Record that the log itself is read, have it signed, then yield a snapshot of it that holds that entry.

        Args:
            about: returns the ordinals of the customers whose entries are read.
            sign: signs for the log as it stands.

        Raises:
            Unavailable: the database or the log cannot serve; as `sign`.
        """
        with self.record(entry) as change:
            change.subjects += about(change.conn)
        sign()
        with self._database.snapshot() as conn:
            if self._database.is_postgresql:
                conn.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            yield conn

    def take_in(self, work: Callable[[Connection], T]) -> T:
        """Run a transaction that puts what has just come, sealed, where it waits, and return what it returns.

        Nobody is known yet whom it is about, and nothing of anybody is read: the entry is that of `record`, when it
        becomes part of a profile. It may be run again when a connection had died.

        Raises:
            Unavailable: the database cannot serve.
        """
        return self._database.write(work)

    def give_way(self) -> None:
        """Let those go first who wait to write, before the next of many transactions."""
        self._database.give_way()

    def watch(self, work: Callable[[Connection], T]) -> T:
        """Look through the log for people of whom there is nobody (`cdp.services.canaries`); nobody's data is read.

        Raises:
            Unavailable: the database cannot serve.
        """
        with self._database.reading() as conn:
            return work(conn)

    def note(self, entry: Entry) -> int:
        """Record what was refused; return the number of the entry."""
        return self._log.append(entry)

    def check(self, entry: Entry) -> None:
        """Do nothing if an entry can be written now, as `Log.try_writing`.

        Raises:
            Unavailable: what keeps it from being written.
        """
        self._log.try_writing(entry)

    def lookup(self, statement: Select[Any], values: Mapping[str, Any] | None = None) -> list[Row]:
        """Read tables that are about nobody: versions, releases, the log's own.

        Raises:
            Unavailable: `not_a_lookup`, for a table that has an owner or does not say.
        """
        _require_lookup(statement)
        with self._database.reading() as conn:
            return [tuple(row) for row in conn.execute(statement, dict(values or {}))]

    def prepare(self, statement: Select[Any]) -> Callable[[Mapping[str, Any]], list[Row]]:
        """Return a lookup that is judged and compiled once, for what each request asks.

        Raises:
            Unavailable: `not_a_lookup`.
        """
        _require_lookup(statement)
        compiled = Statement(statement, self.dialect)

        def look_up(values: Mapping[str, Any]) -> list[Row]:
            with self._database.reading() as conn:
                return compiled.rows(conn, values)

        return look_up

    def keep(self, statement: Update, *then: Insert) -> bool:
        """Change a row of a table that is about nobody.

        When something was last used, how far work has come and who is at it: nothing that decides what a reader gets.
        If that changed a row, `then` is kept besides, in the same transaction.

        Returns:
            Whether it did.

        Raises:
            Unavailable: `not_a_lookup`, for a table that has an owner or does not say.
        """
        for each in (statement, *then):
            if not isinstance(each.table, TableClause) or _owner(each.table) is not None:
                raise Unavailable("not_a_lookup", "only tables that are about nobody are changed without an entry")
        with self._database.writing() as conn:
            changed = bool(conn.execute(statement).rowcount)
            for each in then if changed else ():
                conn.execute(each)
        return changed

    def count(self, table: Table, *where: ColumnElement[bool]) -> int:
        """Return how many rows a table has, or how many of them are in some state; so much is about nobody."""
        with self._database.reading() as conn:
            return int(conn.execute(select(func.count()).select_from(table).where(*where)).scalar_one())

    def waits(self, table: Table, *where: ColumnElement[bool]) -> bool:
        """Return whether a table has such a row; what it says is read with an entry, and there is none for nothing."""
        with self._database.reading() as conn:
            return conn.execute(select(true()).select_from(table).where(*where).limit(1)).first() is not None

    def clean_up(self, tables: Sequence[str]) -> None:
        """Have what was deleted or dropped leave the files, as `Database.clean_up`."""
        self._database.clean_up(tables)

    @contextmanager
    def _explained(self, entry: Entry) -> Iterator[None]:
        """When the database refuses a statement, say so only if it is not that the tables have changed meanwhile."""
        try:
            yield
        except Unavailable as error:
            if error.code == f"{STORE.prefix}_failed":
                self._log.check(entry)
            raise

    def verify(self, progress: Progress) -> Verified:
        """Verify the log as it stands.

        Raises:
            Unavailable: `log_broken`.
        """
        with self._database.snapshot() as conn:
            return verify_log(conn, unseal_note=self._notes.unseal_note, progress=progress)
