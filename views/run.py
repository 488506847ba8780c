"""Reading a plan: chunks of stored rows become rows of the answer.

The door calls `read` once per chunk, inside a transaction that it ends before the rows leave. Nothing here opens a
connection. Sealed cells are unsealed here, after the statement has withheld what is refused; conditions and order on
them are evaluated here, over at most 10,000 rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import Connection

from audit.entries import Entry, Principal, Versions
from audit.passage import Chunk, Row
from cdp.errors import Refused
from cdp.store.statement import Statement
from cdp.terms import CHUNK_ROWS, LATE_ROWS
from cdp.vault.vault import Vault
from views.assemble import Assembler
from views.dialects import Many, adapt
from views.match import matcher, sorter
from views.plan import PARENT, ROW, SUBJECT, Column, Plan, Template
from views.where import Blind, BlindWords

Held = Callable[[Connection, Sequence[int]], None]
"""Raises unless what a read needs besides its role stands now, and is about these customers, by their ordinals."""


class ViewReading:
    """One read of a view, for `audit.door.Door.disclose`.

    Args:
        held: asked in the transaction of each chunk, before it is read and again before it may leave.

    Raises:
        Refused: `grant_needed`. INVARIANT: a plan that was compiled for a break-glass grant is not read without
            somebody who asks whether it stands.
    """

    def __init__(self, plan: Plan, *, vault: Vault, dialect: str, held: Held | None = None) -> None:
        if plan.request.break_glass and held is None:
            raise grant_needed()
        self._held = held
        self._plan = plan
        self._template = plan.template
        self._vault = vault
        self._dialect = dialect
        self._values = {name: self._bound(value) for name, value in plan.values.items()}
        waiting = [plan.request.where[index] for index in plan.template.late]
        self._matches = matcher(waiting, plan.template.needed) if waiting else None
        self._keys: list[Any] | None = None
        self._sent: Callable[[], Sequence[Row]] | None = None
        self.done = False
        """Whether the last chunk was read."""
        self.last: int | str | None = None
        """The key of the last row that was read."""
        hidden = [PARENT] if plan.request.parents is not None else []
        hidden += [ROW] if plan.request.keeps_row else []
        self._along = [plan.template.places[name] for name in hidden]
        self._left = plan.request.limit
        self._skip = plan.request.offset

    @cached_property
    def _assemble(self) -> Assembler:
        return Assembler(self._template, vault=self._vault, dialect=self._dialect)

    def entry(self, principal: Principal) -> Entry:
        """Return the entry of this read, before its numbers are known."""
        plan, template = self._plan, self._template
        facts: dict[str, Any] = {
            "view": plan.view.name,
            "kind": plan.view.kind,
            "entity": plan.view.entity,
            "purpose": plan.view.purpose,
            "plan": template.digest,
            "fields": _treatments(template),
            "where": list(plan.conditions),
        }
        if plan.view.recipient:
            facts["recipient"] = plan.view.recipient
        if plan.request.release is not None:
            facts["release"] = plan.request.release
        if plan.request.break_glass:
            facts["break_glass"] = plan.request.break_glass
        versions = Versions(template.catalogue_digest, template.policy_digest)
        return Entry("disclosure", "read", principal, versions, facts, reason=plan.request.reason)

    def ask(self, conn: Connection) -> None:
        """Send what asks for the first chunk, where that is one statement."""
        if self._left != 0 and not self._is_windowed:
            self._sent = self._following.ask(conn, self._values_at(None))

    def read(self, conn: Connection, position: object | None) -> Chunk:
        """Read the chunk at a position: None, then what the chunk before said."""
        self._hold(conn, ())
        chunk = self._read(conn, position) if self._left != 0 else Chunk((), (), None)
        self._hold(conn, chunk.subjects)  # what ended before the rows were read is seen here on every engine
        self.done = chunk.next is None
        return chunk

    def count(self, conn: Connection) -> int:
        """Return how many rows match, whatever the window; as many as all reads of it would give."""
        self._hold(conn, ())
        if self._matches is None:
            return int(_statement(self._template, "count", self._dialect).rows(conn, self._values)[0][0])
        values = {**self._values, "after": self._first, "take": LATE_ROWS + 1}
        found = _statement(self._template, "chunk", self._dialect).rows(conn, values)
        _refuse_too_many(len(found))
        return len(self._matching(found))

    def _hold(self, conn: Connection, subjects: Sequence[int]) -> None:
        if self._held is not None:
            self._held(conn, subjects)

    @property
    def _first(self) -> int | str:
        """A key before every key."""
        return "" if self._template.view.recipient else -1

    def _place(self, position: object | None) -> object:
        """Return the key after which a chunk begins."""
        asked = self._plan.request.after
        return position if position is not None else self._first if asked is None else asked

    def _read(self, conn: Connection, position: object | None) -> Chunk:
        return self._windowed(conn, position) if self._is_windowed else self._by_key(conn, position)

    @property
    def _is_windowed(self) -> bool:
        request = self._plan.request
        return bool(self._template.late_order or request.order or (request.offset and not self._matches))

    @property
    def _following(self) -> Statement:
        """What asks for the next rows in the order of keys."""
        return _statement(self._template, "chunk", self._dialect)

    def _values_at(self, position: object | None) -> dict[str, Any]:
        take = CHUNK_ROWS if self._matches or self._left is None else min(CHUNK_ROWS, self._left)
        return {**self._values, "after": self._place(position), "take": take}

    def _found(self, conn: Connection, position: object | None) -> tuple[Sequence[Row], int]:
        """Return the next rows in the order of keys, and how many were asked for."""
        values = self._values_at(position)
        sent, self._sent = self._sent, None
        return self._following.rows(conn, values) if sent is None else sent(), values["take"]

    def _by_key(self, conn: Connection, position: object | None) -> Chunk:
        """The next rows in the order of keys."""
        found, take = self._found(conn, position)
        if self._matches and position is None and len(found) == take:  # else there are no more, and no need to count
            _refuse_too_many(_statement(self._template, "late_count", self._dialect).rows(conn, self._values)[0][0])
        last = found[-1][0] if len(found) == take else None
        return self._chunk(self._kept(found), last)

    def _windowed(self, conn: Connection, position: object | None) -> Chunk:
        """A window in the caller's order: in one statement when it is small, else by keys taken first."""
        request, late = self._plan.request, self._matches or self._template.late_order
        if not late and request.limit is not None and request.limit <= CHUNK_ROWS:
            values = {**self._values, "take": request.limit, "skip": request.offset}
            found = _statement(self._template, "page", self._dialect).rows(conn, values)
            return self._chunk([(row, cells) for row, cells in zip(found, self._assemble(found), strict=True)], None)
        if self._keys is None:
            self._keys = self._late_keys(conn) if late else self._sql_keys(conn)
        start = position if isinstance(position, int) else 0
        keys = self._keys[start : start + CHUNK_ROWS]
        found = _statement(self._template, "by_keys", self._dialect).rows(
            conn, {**self._values, "keys": self._many(keys)}
        )
        place = {key: index for index, key in enumerate(keys)}
        kept = sorted(self._matching(found), key=lambda pair: place[pair[0][0]])
        end = start + len(keys)
        return self._chunk(kept, end if end < len(self._keys) else None)

    def _sql_keys(self, conn: Connection) -> list[Any]:
        limit = self._plan.request.limit
        values = {**self._values, "take": -1 if self._dialect == "sqlite" else None, "skip": self._plan.request.offset}
        if limit is not None:
            values["take"] = limit
        return [row[0] for row in _statement(self._template, "keys", self._dialect).rows(conn, values)]

    def _late_keys(self, conn: Connection) -> list[Any]:
        """Sort and cut what had to be unsealed first; it is at most `LATE_ROWS` rows."""
        values = {**self._values, "after": self._first, "take": LATE_ROWS + 1}
        found = _statement(self._template, "chunk", self._dialect).rows(conn, values)
        _refuse_too_many(len(found))
        kept = self._matching(found)
        if self._plan.request.order:
            key = sorter(self._plan.request.order, self._template.needed)
            kept.sort(key=lambda pair: key(pair[1]))
        request = self._plan.request
        end = None if request.limit is None else request.offset + request.limit
        return [row[0] for row, _ in kept[request.offset : end]]

    def _matching(self, found: Sequence[Row]) -> list[tuple[Row, Row]]:
        pairs = list(zip(found, self._assemble(found), strict=True))
        return pairs if self._matches is None else [pair for pair in pairs if self._matches(pair[1])]

    def _kept(self, found: Sequence[Row]) -> list[tuple[Row, Row]]:
        """What matches, within what is left of the caller's window."""
        kept = self._matching(found)
        if self._matches is not None and self._skip:
            skipped = min(self._skip, len(kept))
            self._skip -= skipped
            kept = kept[skipped:]
        return kept

    def _chunk(self, kept: list[tuple[Row, Row]], position: object | None) -> Chunk:
        if self._left is not None:
            kept = kept[: self._left]
            self._left -= len(kept)
        if kept:
            self.last = kept[-1][0][0]
        width = len(self._template.columns)
        rows = [cells if len(cells) == width else cells[:width] for _, cells in kept]
        if self._along:
            rows = [(*cells[:width], *(row[place] for place in self._along)) for row, cells in kept]
        subject = self._template.places[SUBJECT]
        subjects = [] if self._plan.request.release is not None else [row[subject] for row, _ in kept]
        return Chunk(rows, subjects, None if self._left == 0 else position)

    def _many(self, keys: Sequence[Any]) -> Any:
        return adapt(Many(tuple(keys)), self._dialect)

    def _bound(self, value: Any) -> Any:
        blind = self._vault.blind
        if isinstance(value, Blind):
            tokens = (blind.token(value.entity, value.kind, text) for text in value.texts)
            value = Many(tuple(token.hex() for token in tokens if token is not None))
        elif isinstance(value, BlindWords):
            value = Many(
                tuple(sorted(token.hex() for token in blind.query_words(value.entity, value.field, value.text)))
            )
        return adapt(value, self._dialect)


class CountReading:
    """How many rows a reading would give, as one row with one number: about nobody, and on the log all the same."""

    def __init__(self, reading: ViewReading) -> None:
        self._reading = reading

    def entry(self, principal: Principal) -> Entry:
        """Return the entry of the reading, as a count."""
        entry = self._reading.entry(principal)
        return replace(entry, act="count", facts={**entry.facts, "fields": []})

    def read(self, conn: Connection, _position: object | None) -> Chunk:
        """Count."""
        return Chunk([(self._reading.count(conn),)], (), None)


def grant_needed() -> Refused:
    """Return the answer to whoever reads by break-glass and has no grant for it now, for whatever reason."""
    hint = "ask for it, and have a second person grant it"
    return Refused("grant_needed", "there is no grant that allows this now", path="break_glass", hint=hint)


def _refuse_too_many(rows: int) -> None:
    if rows > LATE_ROWS:
        message = f"a condition or order on a sealed column would have to open more than {LATE_ROWS:,} rows"
        raise Refused(
            "too_many_sealed", message, path="where", hint="add a condition on another column, or on an identifier"
        )


def _statement(template: Template, which: str, dialect: str) -> Statement:
    """Return a statement of a template in an engine's SQL."""
    found = template.statements.get((which, dialect))
    if found is None:
        found = template.statements[which, dialect] = Statement(getattr(template, which), dialect)
    return found


@lru_cache(maxsize=512)
def _treatments(template: Template) -> list[list[str | None]]:
    return [_treatment(column) for column in template.columns]


def _treatment(column: Column) -> list[str | None]:
    """Return what the log says of a column: its name, its shape, and what refusals turn it into."""
    decision = column.decision
    if decision is None:
        return [column.name, "clear"]
    shown: list[str | None] = [column.name, decision.shape or "hidden"]
    return [*shown, decision.otherwise or "hidden", *decision.unless] if decision.unless else shown
