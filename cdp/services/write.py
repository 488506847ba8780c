"""Changing a row through a view that lets it be changed: what the view shows, and nothing else.

A view says in `write` which of its fields an app may change. Whether the row is there, and what of it is shown before
and after, is the view's own statement's say, in the same transaction: so who refused is not there, and nobody writes
what he may not read. Opt-outs are no fields, and are not written here.

The version of a row (`ETag`) is a keyed digest of what the view shows of it and of nothing else: no change that a
reader cannot see changes it.
"""

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson
from sqlalchemy import Connection

from audit.door import Change
from audit.entries import Entry, Principal, timestamp
from audit.passage import Row
from cdp.bootstrap import InForce, Platform
from cdp.catalogue.model import Entity
from cdp.errors import BadInput, CdpError, NotFound, Refused, Several, Unavailable
from cdp.services.idempotency import Once, Outcome, begin, recall, remember
from cdp.services.imports.found import HeldKeys
from cdp.services.read import Answer, plan_view, read_view
from cdp.store.collected import Collecting
from cdp.store.lookup import find_by_ids, find_by_tokens, find_claims, lock_customers
from cdp.store.provenance import Origin, seconds
from cdp.store.records import Stored, read_rows
from cdp.store.shaper import shaper
from cdp.store.write import Claim, Writer
from cdp.terms import Kind, Value
from cdp.vault.vault import Vault
from consent.arrivals import follow_moves
from views.conditions import Comparison, Op
from views.plan import Plan
from views.request import ViewRequest
from views.run import ViewReading

_ID: Final = re.compile(r"[\w-]{1,64}", re.ASCII)
_NOBODY: Final = "00000000-0000-0000-0000-000000000000"
WRITTEN: Final = 204


@dataclass(frozen=True, slots=True)
class RowRequest:
    """One row of a view, as a reader in a role names it.

    Attributes:
        purpose: what the credential is bound to, if it is.
        provenance: the set of what is declared of what is written; None where nothing is.
    """

    view: str
    role: str
    row_id: str
    reason: str = ""
    purpose: str = ""
    provenance: int | None = None


@dataclass(frozen=True, slots=True)
class OneRow:
    """A row as the view shows it, with its version."""

    plan: Plan
    cells: Row
    etag: str

    def record(self) -> dict[str, Any]:
        """Return it as a mapping from column to value."""
        return {column.name: cell for column, cell in zip(self.plan.columns, self.cells, strict=True)}


def read_row(platform: Platform, asked: RowRequest, *, principal: Principal) -> OneRow:
    """Read one row of a view.

    Raises:
        NotFound: `unknown_row`, the same for one that is not there, not shown, or no id; `unknown_view`.
        Refused, BadInput, Unavailable: as `read_view`.
    """
    answer: Answer = read_view(platform, _request(platform, asked), principal=principal)
    for chunk in answer.chunks:
        for cells in chunk:
            return OneRow(answer.plan, cells, etag_of(platform.vault, asked, cells))
    raise _unknown()


def write_row(
    platform: Platform,
    asked: RowRequest,
    given: Mapping[str, object],
    *,
    expected: Collection[str],
    once: Once,
    principal: Principal,
) -> tuple[Outcome, OneRow | None]:
    """Change fields of one row; return what became of it, and the row, None when this was done before.

    Args:
        given: the new values by field, as they came.
        expected: the versions of which the row must have one; `*` among them is any, none at all is a fault.

    Raises:
        NotFound: `unknown_view`, `unknown_row`.
        Refused: `not_permitted`, `not_writable`, `reason_needed`, `row_changed`, `in_flight`, `idempotency_mismatch`.
        BadInput: `version_missing`, `unknown_column`, `empty_change`; `Several` with what is wrong with which value.
        Unavailable: the database, the keys or the log cannot serve.
    """
    if not expected:
        hint = "send `If-Match` with the `ETag` of what you read"
        raise BadInput(
            "version_missing", "a change says which version of the row it changes", path="If-Match", hint=hint
        )
    for attempt in (1, 2):
        done = recall(platform, once)
        if done is not None:
            return done, None
        try:
            return _write(platform, asked, given, expected=expected, once=once, principal=principal)
        except Unavailable as error:
            if attempt == 2 or error.code not in ("superseded", "store_conflict"):
                raise
            platform.in_force(fresh=True)
    raise AssertionError


def etag_of(vault: Vault, asked: RowRequest, cells: Row) -> str:
    """Return the version of a row: of what this view shows of it."""
    shown = orjson.dumps([asked.view, asked.row_id, list(cells)], option=orjson.OPT_SORT_KEYS)
    key = vault.platform_key("etag")
    return f'"{hashlib.blake2b(shown, key=key, digest_size=16, person=b"cdp/etag").hexdigest()}"'


def _write(
    platform: Platform, asked: RowRequest, given: Mapping[str, object], *, expected: Collection[str], once: Once,
    principal: Principal,
) -> tuple[Outcome, OneRow]:  # fmt: skip
    in_force = platform.in_force()
    plan = plan_view(platform, _request(platform, asked), principal=principal)
    reading = ViewReading(plan, vault=platform.vault, dialect=platform.door.dialect)
    entry = reading.entry(principal)
    try:
        values = _values(in_force, plan, given)
        facts = {**entry.facts, "write": sorted(values), "rows": 1}
        with platform.door.record(replace(entry, what="change", act="write", facts=facts)) as change:
            begin(change.conn, once)
            row = _Row(platform, in_force, plan, asked)
            found = row.change(change, values, expected, actor=principal.name)
            outcome = Outcome(WRITTEN, found.etag)
            remember(change.conn, once, outcome)
    except (Refused, NotFound) as error:
        noted = Entry("refusal", "write", principal, in_force.versions, {"view": asked.view, "code": error.code})
        platform.door.note(noted)
        raise
    return outcome, found


def _values(in_force: InForce, plan: Plan, given: Mapping[str, object]) -> dict[str, Value]:
    """Return canonical values; a field that is not shown, not there or not to be written is all the same."""
    view = plan.view
    if not view.write:
        raise Refused("not_writable", "nothing is written through this view", path="view")
    if not given:
        raise BadInput("empty_change", "a change names at least one field", path="body")
    if any(name not in view.write for name in given):
        hint = f"it takes {', '.join(view.write)}"
        raise BadInput("unknown_column", "the view takes no such field", path="body", hint=hint)
    values, faults = shaper(in_force.catalogue, view.entity).coerce(given)
    if faults:
        raise Several("bad_values", f"{len(faults)} value(s) do not fit", faults)
    return values


class _Row:
    """One row that is being changed."""

    def __init__(self, platform: Platform, in_force: InForce, plan: Plan, asked: RowRequest) -> None:
        self._vault, self._dialect = platform.vault, platform.door.dialect
        self._in_force, self._plan, self._asked = in_force, plan, asked
        self._entity: Entity = in_force.catalogue.entities[plan.view.entity]
        self._shaper = shaper(in_force.catalogue, self._entity.name)
        self._writer = Writer(
            in_force.catalogue, self._entity, version=in_force.catalogue_version, vault=self._vault,
            dialect=self._dialect,
        )  # fmt: skip

    def change(self, change: Change, values: Mapping[str, Value], expected: Collection[str], *, actor: str) -> OneRow:
        """Change it, in the caller's transaction.

        1. Lock her whose row it is, if there is one; from here on nobody changes, refuses or erases.
        2. See what the view shows, and whether that is what the caller has seen.
        3. Write all of the row anew with the new values, and say what they were collected for.
        4. See what the view shows now.
        """
        conn, catalogue = change.conn, self._in_force.catalogue
        bearer = find_by_ids(conn, catalogue, self._entity, [_id(self._asked)]).get(_id(self._asked))
        customers = lock_customers(conn, catalogue, [bearer.customer_id] if bearer else [])
        before = self._shown(conn)
        if bearer is None or not customers or before is None:
            raise _unknown()
        if "*" not in expected and before.etag not in expected:
            hint = "read it again, and send `If-Match` with its `ETag`"
            raise Refused("row_changed", "the row is not as it was", path="If-Match", hint=hint)
        keys = HeldKeys(self._vault.keys([bearer.customer_id]))
        stored = read_rows(conn, catalogue, self._entity, [(bearer.customer_id, bearer.row_id)], keys=keys)
        if not keys.held or not stored:  # she is being erased
            raise _unknown()
        changed = self._replace(conn, stored[0], values, keys)
        if self._asked.provenance is not None:
            self._collected(change, changed, self._asked.provenance)
        change.subjects += [customer.ordinal for customer in customers.values()]
        after = self._shown(conn)
        if after is None:
            raise _unknown()
        if self._entity.is_customer:  # only now: a move that has her refused must not keep the move from being made
            follow_moves(
                conn, stored, [changed], catalogue=catalogue, regimes=self._in_force.policy.regime, at=timestamp(),
                actor=actor,
            )  # fmt: skip
        return after

    def _collected(self, change: Change, row: Stored, provenance: int) -> None:
        at = timestamp()
        added = {(row.customer_id, row.row_id): [Origin(provenance, seconds(at))]}
        Collecting(change.conn, self._in_force.catalogue, self._entity, at).add(added)
        change.facts["provenance"] = provenance

    def _replace(self, conn: Connection, row: Stored, values: Mapping[str, Value], keys: HeldKeys) -> Stored:
        merged = {**row.values, **values}
        missing = self._shaper.missing(merged)
        if missing:
            raise Several("bad_values", f"{len(missing)} value(s) do not fit", list[CdpError](missing))
        changed = Stored(row.customer_id, row.row_id, row.ordinal, merged)
        self._writer.replace(conn, [changed], claims=self._claims(conn, changed), keys=keys.held)
        return changed

    def _claims(self, conn: Connection, row: Stored) -> set[Claim]:
        """Return which identifiers the row only claims: those it claimed before, and those that another bears.

        So nobody learns from an answer whose identifier it is, and nobody's is taken away.
        """
        claimed = find_claims(conn, self._entity, [(row.customer_id, row.row_id)])
        for claim in self._writer.identifiers([row]):
            _, kind, token = claim
            bearer = find_by_tokens(conn, self._entity.name, kind, [token]).get(token)
            if bearer is not None and bearer.row_id != row.row_id:
                claimed.add(claim)
        return claimed

    def _shown(self, conn: Connection) -> OneRow | None:
        reading = ViewReading(self._plan, vault=self._vault, dialect=self._dialect)
        for cells in reading.read(conn, None).rows:
            return OneRow(self._plan, cells, etag_of(self._vault, self._asked, cells))
        return None


def _request(platform: Platform, asked: RowRequest) -> ViewRequest:
    in_force = platform.in_force()
    view = in_force.policy.views.get(asked.view)
    column = "customer_id" if view is None else in_force.catalogue.entities[view.entity].id_column
    if view is not None and view.kind is Kind.SELECTIVE and column == "customer_id":
        column = "token"  # what names her to this recipient
    where = Comparison(column, Op.EQ, (_id(asked),))
    return ViewRequest(asked.view, asked.role, where=(where,), limit=1, reason=asked.reason, purpose=asked.purpose)


def _id(asked: RowRequest) -> str:
    """Return the id that is asked for; what is no id is nobody's."""
    return asked.row_id if _ID.fullmatch(asked.row_id) else _NOBODY


def _unknown() -> NotFound:
    return NotFound("unknown_row", "the view shows no such row", path="row")
