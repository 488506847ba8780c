"""Appending to the log: one writer at a time, many entries a commit.

RFC 9162 tree over the entries (`audit.merkle`), stored as `audit.tiles` says. The lock on the one row of
`cdp_log_head` orders appends over all processes; a crashed holder's lock goes with its transaction. In the same lock
the entry's policy and catalogue are held against what is in force: what was decided by a superseded policy does not
get an entry, and what has no entry does not leave.
"""

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from sqlalchemy import Connection, Table, bindparam, insert, select, update

from audit.batch import Batch, SealNote
from audit.entries import Entry, Versions, timestamp
from audit.merkle import BrokenTree, Frontier
from audit.tiles import tile_hashes
from cdp.errors import CdpError, Unavailable
from cdp.store.bulk import FEW, insert_rows
from cdp.store.platform import IN_FORCE, LOG_ENTRY, LOG_HEAD, LOG_NOTE, LOG_SUBJECT, LOG_TILE
from cdp.store.statement import Statement, without_waiting

MAX_BATCH = 1_000


class Writable(Protocol):
    """A database as the log needs it."""

    dialect: str

    def writing(self) -> AbstractContextManager[Connection]:
        """Return a transaction that may write; durable when it has ended well."""


class Log:
    """The log of one database."""

    def __init__(self, database: Writable, seal_note: SealNote) -> None:
        self._database = database
        self._seal_note = seal_note
        self._waiting: deque[_Ticket] = deque()
        self._lead = threading.Lock()
        dialect = database.dialect
        c = IN_FORCE.c
        both = select(LOG_HEAD.c.frontier, c.catalogue_digest, c.policy_digest, c.applying)
        both = both.select_from(LOG_HEAD).join(IN_FORCE, LOG_HEAD.c.one == c.one).with_for_update()
        self._head = Statement(both, dialect)
        self._insert = {
            table: Statement(insert(table), dialect) for table in (LOG_ENTRY, LOG_TILE, LOG_SUBJECT, LOG_NOTE)
        }
        self._move = Statement(update(LOG_HEAD).values(frontier=bindparam("edge")), dialect)

    def append(self, entry: Entry) -> int:
        """Append one entry durably and return its number; those who call at once share one commit.

        Raises:
            Unavailable: `superseded`, `catalogue_applying`, or the log cannot be written.
        """
        ticket = _Ticket(entry)
        self._waiting.append(ticket)
        with self._lead:
            if not ticket.done:
                self._commit(self._batch(ticket))
        if ticket.fault is not None:
            raise ticket.fault
        return ticket.number

    def append_each(self, entries: Sequence[Entry]) -> list[int | CdpError]:
        """Append entries as `append` would each, by one commit; return each one's number, or what is wrong with it."""
        tickets = [_Ticket(entry) for entry in entries]
        self._waiting.extend(tickets)
        with self._lead:
            if not all(ticket.done for ticket in tickets):
                self._commit(self._batch(tickets[-1]))
        return [ticket.fault or ticket.number for ticket in tickets]

    def append_many(self, entries: Sequence[Entry]) -> list[int]:
        """Append entries in one commit of their own and return their numbers; all of them, or none.

        Raises:
            Unavailable: as `append`.
        """
        with self._database.writing() as conn:
            return self.append_within(conn, entries)

    def append_within(self, conn: Connection, entries: Sequence[Entry]) -> list[int]:
        """Append entries in the caller's transaction; their numbers hold once it has committed.

        Raises:
            Unavailable: as `append`; the caller's transaction must not commit then.
        """
        tickets = [_Ticket(entry) for entry in entries]
        self._write(conn, tickets)
        for ticket in tickets:
            if ticket.fault is not None:
                raise ticket.fault
        return [ticket.number for ticket in tickets]

    def check(self, entry: Entry) -> None:
        """Do nothing if the entry might be written now.

        Raises:
            Unavailable: `superseded`, `catalogue_applying`.
        """
        with self._database.writing() as conn:
            for _, catalogue, policy, applying in self._head.rows(conn):
                fault = _fence(entry, catalogue, policy, applying)
                if fault is not None:
                    raise fault

    def try_writing(self, entry: Entry) -> None:
        """Do nothing if the entry can be written now: it is, and taken back; what is committed is the head as it was.

        Raises:
            Unavailable: as `append`.
        """
        with self._database.writing() as conn:
            edge = _decoded(_only(self._head.rows(conn))[0]).encode()
            with conn.begin_nested() as taken_back:
                self.append_within(conn, [entry])
                taken_back.rollback()
            self._move.run(conn, {"edge": edge})

    def _batch(self, mine: "_Ticket") -> list["_Ticket"]:
        """Take what waits, up to a full batch; `mine` is among it, since nobody else takes while this thread leads."""
        batch: list[_Ticket] = []
        while self._waiting and (len(batch) < MAX_BATCH or not mine.taken):
            ticket = self._waiting.popleft()
            ticket.taken = True
            batch.append(ticket)
        return batch

    def _commit(self, batch: list["_Ticket"]) -> None:
        try:
            with self._database.writing() as conn:
                self._write(conn, batch)
        except BaseException as error:
            fault = error if isinstance(error, CdpError) else Unavailable("log_failed", "the log could not be written")
            for ticket in batch:
                ticket.fault = ticket.fault or fault
            if not isinstance(error, CdpError):
                raise
        finally:
            for ticket in batch:
                ticket.done = True

    def _write(self, conn: Connection, batch: list["_Ticket"]) -> None:
        frontier_bytes, catalogue, policy, applying = _only(self._head.rows(conn))
        frontier = _decoded(frontier_bytes)
        rows = Batch(frontier.size, timestamp(), self._seal_note)
        passed: Versions | None = None  # those of one batch are mostly one object
        for ticket in batch:
            entry = ticket.entry
            fault = None
            if entry.versions is not passed or entry.versions is None:
                fault = _fence(entry, catalogue, policy, applying)
                passed = entry.versions if fault is None and applying is None else None
            ticket.number = rows.next
            # What is wrong with one entry must not keep those that share its commit from being written.
            ticket.fault = fault or rows.add(entry)
        if not rows.entries:
            return
        growth = frontier.grow([leaf for _, _, leaf in rows.entries])
        tiles = [(each.level, each.index, each.hash) for each in tile_hashes(growth)]
        self._insert_all(
            conn, {LOG_ENTRY: rows.entries, LOG_TILE: tiles, LOG_SUBJECT: rows.subjects, LOG_NOTE: rows.notes}
        )
        self._move.run(conn, {"edge": growth.frontier.encode()})

    def _insert_all(self, conn: Connection, rows: Mapping[Table, Sequence[tuple[Any, ...]]]) -> None:
        if max(map(len, rows.values())) > FEW:
            for table, values in rows.items():
                insert_rows(conn, table, values)
            return
        with without_waiting(conn):
            for table, values in rows.items():
                for row in values:
                    self._insert[table].run(conn, dict(zip(table.columns.keys(), row, strict=True)))


class _Ticket:
    """An entry that waits for its commit."""

    __slots__ = ("done", "entry", "fault", "number", "taken")

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.number = -1
        self.taken = False
        self.done = False
        self.fault: CdpError | None = None


def _only(head: Sequence[Any]) -> Any:
    if len(head) != 1:
        raise Unavailable("log_missing", "the log has lost its head", path="log", hint="restore the database")
    return head[0]


def _decoded(head: Any) -> Frontier:
    try:
        return Frontier.decode(bytes(head))
    except BrokenTree:
        hint = "run `cdp log verify`, and restore the database from its backup"
        raise Unavailable("log_broken", "the head of the log states no tree", path="log", hint=hint) from None


def _fence(entry: Entry, catalogue: str, policy: str, applying: int | None) -> CdpError | None:
    """Return why an entry may not be written now, if so."""
    if entry.versions is None:
        return None
    if applying is not None and not entry.facts.get("applying"):
        return Unavailable(
            "catalogue_applying", "a new catalogue is being applied", hint="try again when `cdp model apply` is done"
        )
    if (entry.versions.catalogue, entry.versions.policy) != (catalogue, policy):
        return Unavailable("superseded", "the catalogue or the policy has changed meanwhile", hint="ask again")
    return None
