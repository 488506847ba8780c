"""Writing rows: every shape computed once, identity and sensitive values sealed, identifiers indexed blind.

Design section 5. The customer's key is durable in the key store before anything sealed under it is written here. All
that is written for one row is written in the caller's transaction.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, delete, select, update

from cdp.catalogue.model import Catalogue, Entity
from cdp.catalogue.places import flag_column
from cdp.store.bulk import insert_rows
from cdp.store.ordinals import take_ordinals
from cdp.store.platform import IDENTIFIER, TOKEN, TOKEN_SCOPE, WORD
from cdp.store.records import Stored
from cdp.store.shaper import Record, Shaped, Shaper, shaper
from cdp.store.tables import build_schema
from cdp.store.tokens import new_token
from cdp.terms import Value
from cdp.vault.seal import Sealer
from cdp.vault.vault import Vault

KEY_VERSION = 1


@dataclass(frozen=True)
class NewRow:
    """A row to be written: its fields, whom it belongs to, and for a customer what she refuses from the start.

    `customer_id` and `parent_id` are None for a customer, who gets a new random id.
    """

    values: Record
    customer_id: str | None = None
    parent_id: str | None = None
    refused: frozenset[str] = field(default_factory=frozenset)


class Writer:
    """Writes rows of one entity under one version of the catalogue."""

    def __init__(self, catalogue: Catalogue, entity: Entity, *, version: int, vault: Vault, dialect: str) -> None:
        self._catalogue = catalogue
        self._entity = entity
        self._version = version
        self._vault = vault
        schema = build_schema(catalogue, dialect)
        self._table = schema.rows[entity.name]
        self._sealed: Table | None = schema.sealed.get(entity.name)
        self._shaper: Shaper = shaper(catalogue, entity.name)
        self._sealers = {name: Sealer(f"{entity.name}_sealed", name) for name in self._shaper.segments}

    def create(self, conn: Connection, rows: Sequence[NewRow]) -> list[Stored]:
        """Insert new rows; return them with their ids and ordinals, in the order given."""
        created = self._identify(conn, rows)
        keys = self._keys(created)
        shaped = [self._shaper.shape(row.values) for row in created]
        flags = [row.refused for row in rows]
        parents = [row.parent_id for row in rows]
        insert_rows(conn, self._table, [self._row(*each) for each in zip(created, shaped, flags, parents, strict=True)])
        self._seal(conn, created, shaped, keys)
        self._index(conn, created)
        self._name(conn, created)
        return created

    def replace(self, conn: Connection, rows: Sequence[Stored]) -> None:
        """Write existing rows anew with all their shapes; flags, tokens and ordinals stay as they are."""
        if not rows:
            return
        keys = self._vault.keys([row.customer_id for row in rows])
        present = [row for row in rows if row.customer_id in keys]
        shaped = [self._shaper.shape(row.values) for row in present]
        id_column = self._table.c[self._entity.id_column]
        statement = update(self._table).where(
            id_column == bindparam("_id"), self._table.c.customer_id == bindparam("_customer")
        )
        values: dict[str, Any] = {name: bindparam(name) for name in (*self._shaper.columns, "shaped_with")}
        conn.execute(
            statement.values(values),
            [
                {**each.columns, "shaped_with": self._version, "_id": row.row_id, "_customer": row.customer_id}
                for row, each in zip(present, shaped, strict=True)
            ],
        )
        self._forget(conn, present)
        self._seal(conn, present, shaped, keys)
        self._index(conn, present)

    def _identify(self, conn: Connection, rows: Sequence[NewRow]) -> list[Stored]:
        ordinals = take_ordinals(conn, self._entity.name, len(rows), key=self._vault.platform_key("ordinals"))
        created = []
        for row, ordinal in zip(rows, ordinals, strict=True):
            row_id = str(uuid.uuid4())
            created.append(Stored(row.customer_id or row_id, row_id, ordinal, dict(row.values)))
        return created

    def _keys(self, created: Sequence[Stored]) -> Mapping[str, bytes]:
        ids = list(dict.fromkeys(row.customer_id for row in created))
        return self._vault.new_keys(ids) if self._entity.is_customer else self._vault.keys(ids)

    def _row(self, row: Stored, shaped: Shaped, refused: frozenset[str], parent_id: str | None) -> list[Any]:
        entity = self._entity
        known: dict[str, Any] = {"customer_id": row.customer_id, "ordinal": row.ordinal, "shaped_with": self._version}
        if entity.is_customer:
            known |= {flag_column(name): name in refused for name in self._catalogue.opt_outs}
        else:
            known[entity.id_column] = row.row_id
            parent = self._catalogue.lineage(entity)[1]
            if not parent.is_customer:
                known[parent.id_column] = parent_id
        known |= shaped.columns
        return [known[column.name] for column in self._table.columns]

    def _seal(
        self, conn: Connection, rows: Sequence[Stored], shaped: Sequence[Shaped], keys: Mapping[str, bytes]
    ) -> None:
        if self._sealed is None:
            return
        sealed: list[list[Any]] = []
        for segment, sealer in self._sealers.items():
            here = [
                (row, each.segments[segment])
                for row, each in zip(rows, shaped, strict=True)
                if segment in each.segments
            ]
            blobs = sealer.seal_rows(
                keys, [(row.customer_id, row.row_id, values) for row, values in here],
                schema=self._version, key_version=KEY_VERSION,
            )  # fmt: skip
            sealed += [[*self._ids(row), segment, blob] for (row, _), blob in zip(here, blobs, strict=True)]
        insert_rows(conn, self._sealed, sealed)

    def _ids(self, row: Stored) -> tuple[str, ...]:
        return (row.customer_id,) if self._entity.is_customer else (row.customer_id, row.row_id)

    def _index(self, conn: Connection, rows: Sequence[Stored]) -> None:
        entity, blind = self._entity.name, self._vault.blind
        identifiers, words = [], []
        for row in rows:
            tokens = {
                (kind, token.hex())
                for name, kind in self._shaper.identifiers
                if (token := blind.token(entity, kind, _text(row.values.get(name)))) is not None
            }
            identifiers += [[row.customer_id, entity, row.row_id, kind, token, True] for kind, token in sorted(tokens)]
            for name in self._shaper.searched:
                found = blind.words(entity, name, _text(row.values.get(name)))
                words += [[row.customer_id, entity, row.row_id, name, token.hex()] for token in sorted(found)]
        insert_rows(conn, IDENTIFIER, identifiers)
        insert_rows(conn, WORD, words)

    def _name(self, conn: Connection, rows: Sequence[Stored]) -> None:
        """Give new rows their tokens; the scopes are read after the rows are in, so that none is missed (`tokens`)."""
        scopes = (
            conn.execute(select(TOKEN_SCOPE.c.scope).where(TOKEN_SCOPE.c.entity == self._entity.name)).scalars().all()
        )
        entity = self._entity.name
        named = [[row.customer_id, entity, row.row_id, scope, new_token()] for scope in scopes for row in rows]
        insert_rows(conn, TOKEN, named)

    def _forget(self, conn: Connection, rows: Sequence[Stored]) -> None:
        """Drop what is kept apart of rows that are about to be written anew."""
        customers, ids = sorted({row.customer_id for row in rows}), [row.row_id for row in rows]
        if self._sealed is not None:
            sealed = self._sealed.c
            conn.execute(
                delete(self._sealed).where(sealed.customer_id.in_(customers), sealed[self._entity.id_column].in_(ids))
            )
        for table in (IDENTIFIER, WORD):
            mine = and_(table.c.entity == self._entity.name, table.c.row_id.in_(ids))
            conn.execute(delete(table).where(table.c.customer_id.in_(customers), mine))


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""
