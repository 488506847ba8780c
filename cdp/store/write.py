"""Writing rows: every shape computed once, identity and sensitive values sealed, identifiers indexed blind.

Design section 5. The customer's key is durable in the key store before anything sealed under it is written here. All
that is written for one row is written in the caller's transaction.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, false, select, update

from cdp.catalogue.model import Catalogue, Entity
from cdp.store.bulk import insert_rows
from cdp.store.given import NamedRows
from cdp.store.ids import new_ids
from cdp.store.ordinals import take_ordinals
from cdp.store.platform import IDENTIFIER, TOKEN, TOKEN_SCOPE, WORD
from cdp.store.provenance import UNSAID, Origin
from cdp.store.records import Stored
from cdp.store.shaper import Cells, Record, Segments, Shaper, shaper
from cdp.store.tables import build_schema
from cdp.store.tokens import new_token
from cdp.terms import Value
from cdp.vault.seal import Sealer
from cdp.vault.vault import Vault

KEY_VERSION = 1

Claim = tuple[str, str, str]
"""One identifier of one row in the blind index: the row's id, the kind, the token in hex."""


@dataclass(frozen=True)
class NewRow:
    """A row to be written: its fields, whose it is, where it comes from, and what a customer refuses from the start.

    `customer_id` and `parent_id` are None for a customer, who gets a new random id.
    """

    values: Record
    customer_id: str | None = None
    parent_id: str | None = None
    refused: frozenset[str] = field(default_factory=frozenset)
    origin: Origin = UNSAID


class Writer:
    """Writes rows of one entity under one version of the catalogue."""

    def __init__(self, catalogue: Catalogue, entity: Entity, *, version: int, vault: Vault, dialect: str) -> None:
        self._entity = entity
        # Said once: each is asked for every row, and a model answers slowly.
        self._noun, self._is_customer = entity.name, entity.is_customer
        self._below = not entity.is_customer and not catalogue.lineage(entity)[1].is_customer
        self._opt_outs = catalogue.opt_outs if entity.is_customer else ()
        self._version = version
        self._vault = vault
        schema = build_schema(catalogue, dialect)
        self._table = schema.rows[entity.name]
        self._sealed: Table | None = schema.sealed.get(entity.name)
        self._shaper: Shaper = shaper(catalogue, entity.name)
        self._sealers = {name: Sealer(f"{entity.name}_sealed", name) for name in self._shaper.segments}

    def create(
        self,
        conn: Connection,
        rows: Sequence[NewRow],
        *,
        keys: Mapping[str, bytes] | None = None,
        claimed: Callable[[Sequence[Claim]], Collection[Claim]] | None = None,
    ) -> list[Stored]:
        """Insert new rows; return them with their ids and ordinals, in the order given.

        Args:
            keys: those of the customers, where the caller has them already.
            claimed: tells which of the rows' identifiers are claimed, and not verified; by default none.
        """
        created = self._identify(conn, rows)
        keys = self._keys(created) if keys is None else keys
        cells, segments = self._shaper.shape_rows([row.values for row in created])
        insert_rows(conn, self._table, [self._row(*each) for each in zip(created, cells, rows, strict=True)])
        self._seal(conn, created, segments, keys)
        self._index(conn, created, claimed(self.identifiers(created)) if claimed else frozenset())
        self._name(conn, created)
        return created

    def replace(
        self,
        conn: Connection,
        rows: Sequence[Stored],
        *,
        claims: Collection[Claim] = frozenset(),
        keys: Mapping[str, bytes] | None = None,
    ) -> list[Stored]:
        """Write existing rows anew with all their shapes; flags, tokens and ordinals stay as they are.

        Args:
            claims: the identifiers that are written as claimed, not as verified.
            keys: as for `create`.

        Returns:
            The rows that were left alone, because their customers have no key any more.
        """
        if not rows:
            return []
        keys = self._vault.keys([row.customer_id for row in rows]) if keys is None else keys
        present = [row for row in rows if row.customer_id in keys]
        if present:
            self._rewrite(conn, present, keys, claims)
        return [row for row in rows if row.customer_id not in keys]

    def identifiers(self, rows: Sequence[Stored]) -> list[Claim]:
        """Return what the blind index holds of these rows, in a fixed order."""
        entity, blind = self._noun, self._vault.blind
        found: list[Claim] = []
        for row in rows:
            tokens = {
                (row.row_id, kind, token.hex())
                for name, kind in self._shaper.identifiers
                if (token := blind.token(entity, kind, _text(row.values.get(name)))) is not None
            }
            found += sorted(tokens)
        return found

    def _rewrite(
        self, conn: Connection, present: Sequence[Stored], keys: Mapping[str, bytes], claims: Collection[Claim]
    ) -> None:
        cells, segments = self._shaper.shape_rows([row.values for row in present])
        id_column, customer_id = self._table.c[self._entity.id_column], self._table.c.customer_id
        mine = update(self._table).where(id_column == bindparam("_id"), customer_id == bindparam("_customer"))
        names = (*self._shaper.columns, "shaped_with", "_id", "_customer")
        values: dict[str, Any] = {name: bindparam(name) for name in names[:-2]}
        conn.execute(
            mine.values(values),
            [
                dict(zip(names, (*each, self._version, row.row_id, row.customer_id), strict=True))
                for row, each in zip(present, cells, strict=True)
            ],
        )
        self._forget(conn, present)
        self._seal(conn, present, segments, keys)
        self._index(conn, present, claims, self._aliases(conn, present))

    def _identify(self, conn: Connection, rows: Sequence[NewRow]) -> list[Stored]:
        ordinals = take_ordinals(conn, self._entity.name, len(rows), key=self._vault.platform_key("ordinals"))
        return [
            Stored(row.customer_id or row_id, row_id, ordinal, dict(row.values))
            for row, row_id, ordinal in zip(rows, new_ids(len(rows)), ordinals, strict=True)
        ]

    def _keys(self, created: Sequence[Stored]) -> Mapping[str, bytes]:
        ids = list(dict.fromkeys(row.customer_id for row in created))
        return self._vault.new_keys(ids) if self._is_customer else self._vault.keys(ids)

    def _row(self, row: Stored, cells: Cells, new: NewRow) -> Cells:
        """Return a cell for each column, in the order in which `tables` generates them."""
        flags = [name in new.refused for name in self._opt_outs]
        ids = (row.customer_id, new.parent_id, row.row_id) if self._below else self._ids(row)
        return (*ids, row.ordinal, *flags, *cells, self._version, new.origin.provenance, new.origin.collected)

    def _ids(self, row: Stored) -> tuple[str, ...]:
        return (row.customer_id,) if self._is_customer else (row.customer_id, row.row_id)

    def _seal(self, conn: Connection, rows: Sequence[Stored], segments: Segments, keys: Mapping[str, bytes]) -> None:
        if self._sealed is None:
            return
        sealed: list[Cells] = []
        for segment, sealer in self._sealers.items():
            here = [(row, values) for row, values in zip(rows, segments[segment], strict=True) if values]
            blobs = sealer.seal_rows(
                keys, [(row.customer_id, row.row_id, values) for row, values in here],
                schema=self._version, key_version=KEY_VERSION,
            )  # fmt: skip
            sealed += [(*self._ids(row), segment, blob) for (row, _), blob in zip(here, blobs, strict=True)]
        insert_rows(conn, self._sealed, sealed)

    def _index(
        self,
        conn: Connection,
        rows: Sequence[Stored],
        claims: Collection[Claim] = frozenset(),
        aliases: Collection[Claim] = frozenset(),
    ) -> None:
        entity, blind = self._noun, self._vault.blind
        owners = {row.row_id: row.customer_id for row in rows}
        identifiers = [
            (owners[claim[0]], entity, *claim, claim not in claims, False)
            for claim in self.identifiers(rows)
            if claim not in aliases
        ]
        words: list[Cells] = []
        for row in rows:
            for name in self._shaper.searched:
                found = blind.words(entity, name, _text(row.values.get(name)))
                words += [(row.customer_id, entity, row.row_id, name, token.hex()) for token in sorted(found)]
        identifiers.sort(key=itemgetter(3, 4))  # so that two who write some of the same cannot wait for each other
        insert_rows(conn, IDENTIFIER, identifiers)
        insert_rows(conn, WORD, words)

    def _name(self, conn: Connection, rows: Sequence[Stored]) -> None:
        """Give new rows their tokens; the scopes are read after the rows are in, so that none is missed (`tokens`)."""
        entity = self._noun
        scopes = conn.execute(select(TOKEN_SCOPE.c.scope).where(TOKEN_SCOPE.c.entity == entity)).scalars().all()
        named = [(row.customer_id, entity, row.row_id, scope, new_token()) for scope in scopes for row in rows]
        insert_rows(conn, TOKEN, named)

    def _forget(self, conn: Connection, rows: Sequence[Stored]) -> None:
        """Drop what is kept apart of rows that are about to be written anew."""
        mine = NamedRows(self._entity, conn.dialect.name)
        given = mine.values((row.customer_id, row.row_id) for row in rows)
        if self._sealed is not None:
            conn.execute(delete(self._sealed).where(mine.of(self._sealed)), given)
        for table in (IDENTIFIER, WORD):
            here = [table.c.entity == self._entity.name, mine.of(table, "row_id")]
            if table is IDENTIFIER:  # what stands in no field is not the row's to forget
                here.append(IDENTIFIER.c.alias.is_(false()))
            conn.execute(delete(table).where(*here), given)

    def _aliases(self, conn: Connection, rows: Sequence[Stored]) -> frozenset[Claim]:
        """Return which identifiers these rows bear besides; one of them may have come to stand in a field."""
        mine, c = NamedRows(self._entity, conn.dialect.name), IDENTIFIER.c
        wanted = select(c.row_id, c.kind, c.token).where(c.entity == self._entity.name, mine.of(IDENTIFIER, "row_id"))
        found = conn.execute(wanted, mine.values((row.customer_id, row.row_id) for row in rows))
        return frozenset((row_id, kind, token) for row_id, kind, token in found)


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""
