"""From the rows of a batch to what is to be written: each row is applied to what the rows before it have left.

So the end is the same for any size of batches. Rows are matched by identifier; nothing is ever merged: a row that names
two is rejected.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import orjson

from cdp.catalogue.model import Catalogue, Entity
from cdp.services.imports.found import Found, Tokens
from cdp.services.imports.incoming import Incoming, Token
from cdp.services.imports.lines import Reject
from cdp.store.corrected import corrected_fields
from cdp.store.lookup import Bearer
from cdp.store.records import Stored
from cdp.store.shaper import shaper
from cdp.terms import CUSTOMER, Type, Value
from cdp.vault.blind import BlindIndex

_NOBODY = frozenset[str]()


@dataclass
class Counts:
    """What became of the rows of an import."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0


@dataclass(eq=False)
class Draft:
    """A row as it will be.

    Attributes:
        stored: the row as it is; None for one to be created.
        parent: what one to be created belongs to, or None for a customer.
        refused: the opt-outs that imports have refused for her already.
        tightened: those that this one adds.
        kept: what is left over of it, sealed; `more` says whether this file adds to it.
    """

    stored: Stored | None
    parent: Bearer | None
    values: dict[str, Value]
    tokens: frozenset[Token]
    refused: frozenset[str]
    changed: bool = False
    tightened: set[str] = field(default_factory=set)
    kept: dict[str, Value] = field(default_factory=dict)
    more: bool = False


class Drafts:
    """The rows that one batch writes."""

    def __init__(self, catalogue: Catalogue, entity: Entity, found: Found, blind: BlindIndex) -> None:
        self.counts = Counts()
        self.created: list[Draft] = []
        self.rejects: list[Reject] = []
        self._entity = entity
        self._parent = None if entity.is_customer else catalogue.lineage(entity)[1]
        self._found = found
        self._tokens = Tokens(entity, blind)
        self._shaper = shaper(catalogue, entity.name)
        self._json = frozenset(name for name, each in entity.fields.items() if each.type is Type.JSON)
        self._identifying = frozenset(name for name, _ in self._shaper.identifiers)
        self.changes = Counter[str]()
        self._by_id: dict[str, Draft] = {}
        self._by_token: dict[Token, Draft | None] = {}
        self._released: set[Token] = set()
        self.extend(found)

    def extend(self, found: Found) -> None:
        """Go on with the rows of another batch, as the rows so far have left what is stored."""
        self._found = found
        for row_id, row in found.stored.items():
            if row_id not in self._by_id:
                self._by_id[row_id] = self._existing(row)
            draft = self._by_id[row_id]
            draft.refused |= found.refused.get(row_id, _NOBODY)
            draft.kept = {**found.kept.get(row_id, {}), **draft.kept}
        for token, bearer in found.bearers.items():
            if token not in self._by_token and token not in self._released:
                self._by_token[token] = self._by_id.get(bearer.row_id)

    def existing(self) -> Iterator[Draft]:
        """Yield the rows that are stored, changed or not."""
        yield from self._by_id.values()

    def reject(self, *faults: Reject) -> None:
        """Count a row that is not taken, for these reasons."""
        self.counts.rejected += 1
        self.rejects += faults

    def take(self, row: Incoming) -> None:
        """Apply one row."""
        if self._found.suppressed and self._is_suppressed(row):
            self.reject(Reject(row.line, "suppressed"))
            return
        draft = self._match(row)
        if isinstance(draft, Reject):
            self.reject(draft)
            return
        parent = self._belonging(row, draft)
        if isinstance(parent, Reject):
            self.reject(parent)
            return
        if draft is not None:
            row = self._but_corrected(row, draft)
        values = row.values if draft is None else {**draft.values, **row.values}
        missing = self._shaper.missing(values)
        if missing:
            self.reject(*(Reject(row.line, fault.code, fault.path) for fault in missing))
        elif draft is None:
            self._create(row, parent)
        else:
            self._update(row, draft, values)

    def _but_corrected(self, row: Incoming, draft: Draft) -> Incoming:
        """Return a row without the fields that its customer had corrected: a file puts nothing back."""
        if draft.stored is None or draft.stored.row_id not in self._found.pins:
            return row
        held = corrected_fields(self._found.pins[draft.stored.row_id], draft.values)
        return replace(row, values={name: value for name, value in row.values.items() if name not in held})

    def _is_suppressed(self, row: Incoming) -> bool:
        """Whether a row is about somebody who was erased, or asked not to be taken in."""
        named = {(each.kind, each.key) for each in row.references if each.entity == CUSTOMER}
        return not self._found.suppressed.isdisjoint(named.union(row.tokens if self._parent is None else ()))

    def _existing(self, row: Stored) -> Draft:
        parent = self._found.parents.get(row.row_id)
        belongs = None if self._parent is None else Bearer(row.customer_id, parent or row.customer_id)
        return Draft(row, belongs, row.values, self._found.borne[row.row_id], _NOBODY)

    def _match(self, row: Incoming) -> Draft | Reject | None:
        """Return whom a row is about, None for somebody new."""
        matched = {self._by_token[token] for token in row.tokens if token in self._by_token}
        if row.own_id:
            matched.add(self._by_id.get(row.own_id))
        if None in matched:  # one who is not there, or is being erased
            return Reject(row.line, f"unknown_{CUSTOMER}", self._entity.id_column if row.own_id else "")
        if len(matched) > 1:
            return Reject(row.line, "identifiers_conflict")
        return matched.pop() if matched else None

    def _belonging(self, row: Incoming, draft: Draft | None) -> Bearer | Reject | None:
        """Return what a row belongs to; all that it says of it must agree."""
        if self._parent is None:
            return None
        direct, customers = set(), set()
        for each in row.references:
            bearer = self._found.references.get(each)
            if bearer is None or bearer.customer_id not in self._found.customers:
                code = "unknown_customer" if each.entity == CUSTOMER else "unknown_parent"
                return Reject(row.line, code, each.column)
            customers.add(bearer.customer_id)
            if each.entity == self._parent.name:
                direct.add(bearer)
        if draft is not None and draft.parent is not None:
            customers.add(draft.parent.customer_id)
            direct.add(draft.parent)
        if not direct:
            return Reject(row.line, "parent_missing")
        if len(direct) > 1 or len(customers) > 1:
            return Reject(row.line, "parent_conflict")
        return direct.pop()

    def _create(self, row: Incoming, parent: Bearer | None) -> None:
        draft = Draft(None, parent, row.values, frozenset(row.tokens), _NOBODY, changed=True)
        draft.tightened |= row.refused
        draft.kept, draft.more = dict(row.kept), bool(row.kept)
        self.created.append(draft)
        self._by_token |= dict.fromkeys(row.tokens, draft)
        self.counts.created += 1

    def _update(self, row: Incoming, draft: Draft, values: dict[str, Value]) -> None:
        changed = {name for name, value in row.values.items() if not self._same(name, value, draft.values.get(name))}
        tightened = row.refused - draft.refused - draft.tightened
        more = {name: value for name, value in row.kept.items() if not _is_held(draft.kept, name, value)}
        if not changed and not tightened and not more:
            self.counts.unchanged += 1
            return
        self.counts.updated += 1
        self.changes.update((*changed, *tightened))
        draft.tightened |= tightened
        draft.kept |= more
        draft.more = draft.more or bool(more)
        if changed:
            draft.values = values
            draft.changed = True
        if changed & self._identifying:
            self._rename(draft)

    def _rename(self, draft: Draft) -> None:
        """Let go of identifiers that a row bears no more: the next row of the file may give them to another."""
        tokens = self._tokens.of(draft.values)
        for token in draft.tokens - tokens:
            self._by_token.pop(token, None)
            self._released.add(token)
        self._by_token |= dict.fromkeys(tokens, draft)
        draft.tokens = tokens

    def _same(self, name: str, given: Value, stored: Value) -> bool:
        if name in self._json:  # true and 1, equal in Python, are two values of JSON
            return _canonical(given) == _canonical(stored)
        return given == stored


def _is_held(held: Mapping[str, Value], name: str, value: Value) -> bool:
    return name in held and _canonical(held[name]) == _canonical(value)


def _canonical(value: Value | Mapping[str, Value]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
