"""Appending to the log: one writer at a time, many entries a commit.

RFC 9162 tree over the entries (`audit.merkle`), stored as `audit.tiles` says. The lock on the one row of
`cdp_log_head` orders appends over all processes; a crashed holder's lock goes with its transaction. In the same lock
the entry's policy and catalogue are held against what is in force: what was decided by a superseded policy does not
get an entry, and what has no entry does not leave.
"""

import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from sqlalchemy import Connection, bindparam, insert, select, update

from audit.commitments import commit_reason
from audit.entries import Entry, format_entry, timestamp
from audit.merkle import BrokenTree, Frontier, leaf_hash
from audit.subjects import SALT_BYTES, SubjectBlock, commit_subjects, split_subjects
from audit.tiles import tile_hashes
from cdp.errors import CdpError, Unavailable
from cdp.store.platform import IN_FORCE, LOG_ENTRY, LOG_HEAD, LOG_NOTE, LOG_SUBJECT, LOG_TILE
from cdp.store.statement import Statement, without_waiting

MAX_BATCH = 1_000
SealNote = Callable[[str, str], bytes]
"""Seals a text under a key of the platform, bound to a context."""


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
        head = self._head.rows(conn)
        if len(head) != 1:
            raise Unavailable("log_missing", "the log has lost its head", path="log", hint="restore the database")
        frontier_bytes, catalogue, policy, applying = head[0]
        frontier = _decoded(bytes(frontier_bytes))
        rows: dict[Any, list[dict[str, Any]]] = {table: [] for table in self._insert}
        for ticket in batch:
            ticket.fault = _fence(ticket.entry, catalogue, policy, applying)
            ticket.number = frontier.size + len(rows[LOG_ENTRY])
            if ticket.fault is None:
                # What is wrong with one entry must not keep those that share its commit from being written.
                ticket.fault = self._add(rows, ticket.entry, ticket.number)
        if not rows[LOG_ENTRY]:
            return
        growth = frontier.grow(row["leaf"] for row in rows[LOG_ENTRY])
        rows[LOG_TILE] = [
            {"level": each.level, "number": each.index, "hash": each.hash} for each in tile_hashes(growth)
        ]
        with without_waiting(conn):
            for table, values in rows.items():
                if len(values) == 1:
                    self._insert[table].run(conn, values[0])
                elif values:
                    self._insert[table].run_many(conn, values)
            self._move.run(conn, {"edge": growth.frontier.encode()})

    def _add(self, rows: dict[Any, list[dict[str, Any]]], entry: Entry, number: int) -> CdpError | None:
        """Add the rows of one entry, all or none; return why it cannot be written, if so."""
        blocks: list[SubjectBlock] = split_subjects(entry.subjects) if entry.subjects else []
        note, reason = [], None
        try:
            if entry.reason:
                salt = os.urandom(SALT_BYTES)
                reason = commit_reason(salt, entry.reason)
                note = [{"entry": number, "salt": salt, "sealed": self._seal_note(salt.hex(), entry.reason)}]
            subjects = commit_subjects(blocks) if blocks else None
            data = format_entry(entry, at=timestamp(), subjects=subjects, reason=reason)
        except CdpError as error:
            return error
        except (TypeError, ValueError):  # half of a surrogate pair: not text that can be encoded
            return Unavailable("entry_malformed", "an entry cannot be written as text", path="log")
        rows[LOG_SUBJECT] += [
            {
                "block": each.block, "entry": number, "salt": each.salt, "members": each.members, "low": each.low,
                "high": each.high,
            }
            for each in blocks
        ]  # fmt: skip
        rows[LOG_NOTE] += note
        rows[LOG_ENTRY].append({"number": number, "entry": data, "leaf": leaf_hash(data)})
        return None


class _Ticket:
    """An entry that waits for its commit."""

    __slots__ = ("done", "entry", "fault", "number", "taken")

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.number = -1
        self.taken = False
        self.done = False
        self.fault: CdpError | None = None


def _decoded(head: bytes) -> Frontier:
    try:
        return Frontier.decode(head)
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
