"""A row of cells as what it says: canonical values, whom it names, and what she refuses.

Design section 2, line 5: a file may add a refusal; whatever else it says of an opt-out changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import orjson

from cdp.catalogue.model import Catalogue, Entity
from cdp.errors import BadInput
from cdp.services.imports.columns import Columns, uses
from cdp.services.imports.lines import Reject, Row
from cdp.services.imports.targets import Target, Use
from cdp.shapes.values import coercer
from cdp.terms import CUSTOMER, Type, Value
from cdp.vault.blind import BlindIndex

_ID_SIZE: Final = 36
_REFUSED: Final = frozenset({"refused", "true", "1", "yes"})
_SILENT: Final = frozenset({"allowed", "false", "0", "no", ""})

Token = tuple[str, str]
"""The kind of an identifier and its blind token in hex."""


class Reference(NamedTuple):
    """What a row belongs to, as the row says it: by id when `kind` is empty, else by an identifier's token."""

    entity: str
    kind: str
    key: str
    column: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """A row that is well-formed by itself.

    Attributes:
        values: the fields that it gives; a cell that is empty or null gives none.
        tokens: of the identifiers among them.
        own_id: the id of the customer that it is about, if it says one.
        references: what it belongs to.
        refused: the opt-outs that it tightens.
        kept: what columns say of it that the catalogue does not know, by their titles.
    """

    line: int
    values: dict[str, Value]
    tokens: tuple[Token, ...]
    own_id: str
    references: tuple[Reference, ...]
    refused: frozenset[str]
    kept: dict[str, Value] = field(default_factory=dict)


class Reader:
    """Reads the rows of one file; everything that is the same for all rows is looked up once."""

    def __init__(self, catalogue: Catalogue, entity: Entity, columns: Columns, blind: BlindIndex) -> None:
        self._noun, self._id_column = entity.name, entity.id_column
        self._blind = blind
        used = [(place, entity.fields[target.name]) for place, target in uses(columns, Use.FIELD)]
        self._fields = [
            (place, each.name, coercer(each.type, each.choices, each.longest), each.identifier) for place, each in used
        ]
        self._opt_outs = uses(columns, Use.OPT_OUT)
        self._own = next((place for place, _ in uses(columns, Use.OWN_ID)), None)
        self._parents = [
            each for use in (Use.PARENT_ID, Use.PARENT_IDENTIFIER, Use.PARENT_NAME) for each in uses(columns, use)
        ]
        self._kept = uses(columns, Use.KEPT)
        self._together = next((place for place, _ in uses(columns, Use.KEPT_TOGETHER)), None)
        fields = catalogue.entities[CUSTOMER].fields.values()
        self._kinds = frozenset(field.identifier for field in fields if field.identifier)

    def read(self, row: Row) -> Incoming | list[Reject]:
        """Return what a row says, or all that is wrong with it."""
        line, cells = row
        values: dict[str, Value] = {}
        tokens: list[Token] = []
        faults: list[Reject] = []
        for place, name, coerce, kind in self._fields:
            cell = cells[place]
            if cell is None or cell == "":
                continue
            try:
                value = values[name] = coerce(cell)
            except BadInput as error:
                faults.append(Reject(line, error.code, name))
                continue
            if kind is not None and (token := self._blind.token(self._noun, kind, str(value))) is not None:
                tokens.append((kind, token.hex()))
        own_id = self._own_id(row, faults)
        references = self._references(row, faults) if self._parents else ()
        refused = self._refused(row, faults) if self._opt_outs else frozenset()
        kept = self._left_over(row, faults) if self._kept or self._together is not None else {}
        if not faults and not (values or own_id):  # refusals alone would be those of a new customer whom nobody knows
            faults.append(Reject(line, "empty_row"))
        return faults or Incoming(line, values, tuple(tokens), own_id, references, refused, kept)

    def _left_over(self, row: Row, faults: list[Reject]) -> dict[str, Value]:
        """Return what columns say that are kept sealed, as it stands in the file; an empty cell says nothing."""
        given = [(target.name, place, row.cells[place]) for place, target in self._kept]
        together = None if self._together is None else row.cells[self._together]
        given += [(key, -1, cell) for key, cell in (together.items() if isinstance(together, dict) else ())]
        kept: dict[str, Value] = {}
        for title, place, cell in given:
            if cell is None or cell == "":
                continue
            try:
                kept[title] = orjson.loads(orjson.dumps(cell))
            except (TypeError, ValueError):  # an integer beyond 64 bits, half of a surrogate pair
                faults.append(Reject(row.line, "bad_value", f"column {place + 1}" if place >= 0 else ""))
        return kept

    def _own_id(self, row: Row, faults: list[Reject]) -> str:
        cell = None if self._own is None else row.cells[self._own]
        if cell is None or cell == "":
            return ""
        if not _is_id(cell):
            faults.append(Reject(row.line, "unknown_customer", self._id_column))
        return str(cell)

    def _refused(self, row: Row, faults: list[Reject]) -> frozenset[str]:
        found = set()
        for place, target in self._opt_outs:
            cell = row.cells[place]
            word = "" if cell is None else str(cell).strip().lower() if isinstance(cell, str | int) else "?"
            if word in _REFUSED:
                found.add(target.name)
            elif word not in _SILENT:
                faults.append(Reject(row.line, "bad_opt_out", target.name))
        return frozenset(found)

    def _references(self, row: Row, faults: list[Reject]) -> tuple[Reference, ...]:
        found = []
        for place, target in self._parents:
            cell = row.cells[place]
            if cell is None or cell == "":
                continue
            try:
                reference = self._reference(target, _text(cell))
            except BadInput as error:
                faults.append(Reject(row.line, error.code, target.name))
                continue
            if reference is None:
                code = "unknown_customer" if target.entity == CUSTOMER else "unknown_parent"
                faults.append(Reject(row.line, code, target.name))
            else:
                found.append(reference)
        return tuple(found)

    def _reference(self, target: Target, text: str) -> Reference | None:
        kind = target.kind
        if target.use is Use.PARENT_NAME and ":" in text:
            kind, _, text = text.partition(":")
            if kind not in self._kinds:
                return None
        if not kind:
            return Reference(target.entity, "", text, target.name) if _is_id(text) else None
        token = self._blind.token(target.entity, kind, text)
        return None if token is None else Reference(target.entity, kind, token.hex(), target.name)


def _is_id(cell: object) -> bool:
    """Return whether a cell can be an id at all; what cannot is not given to a database."""
    return isinstance(cell, str) and len(cell) == _ID_SIZE and cell.isascii() and "\0" not in cell


_coerce_text: Final[Callable[[object], Value]] = coercer(Type.TEXT)


def _text(cell: object) -> str:
    return str(_coerce_text(cell))
