"""All of a customer that a merge moves: her row, what belongs to her, by what she is found, what was said of her.

Read whole, in the clear, within the transaction that changes it; written to disk only sealed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, select

from cdp.bootstrap import InForce
from cdp.catalogue.places import flag_column
from cdp.events.kept import Message, messages_of
from cdp.services.identity.said import Said, as_value, of_value, read_said
from cdp.services.requests.moving import requests_of
from cdp.store.collected import Collecting
from cdp.store.left_over import Place, left_of
from cdp.store.platform import IDENTIFIER, TOKEN, WORD
from cdp.store.provenance import UNSAID, Origin
from cdp.store.records import read_rows
from cdp.store.tables import Schema, build_schema
from cdp.terms import CUSTOMER, Value
from cdp.vault.vault import Vault


@dataclass(frozen=True)
class State:
    """A customer as she was at one moment.

    Attributes:
        ordinal: hers.
        values: the fields of her row.
        flags: what she refuses, by opt-out; a flag that is anything but false is a refusal.
        identifiers: kind, token, whether verified, whether an alias; of her row.
        tokens: her pseudonyms by scope.
        rows: the ids of what belongs to her, by entity.
        said: what sources said of her.
        requests: the ids of what she asked for.
        events: those of which she is the person.
        origin: where her row comes from.
        left: of which rows something is left over that the catalogue does not know.
    """

    ordinal: int
    values: dict[str, Value]
    flags: dict[str, bool]
    identifiers: list[tuple[str, str, bool, bool]]
    tokens: dict[str, str]
    rows: dict[str, list[str]]
    said: Said
    requests: list[str] = field(default_factory=list)
    events: list[Message] = field(default_factory=list)
    origin: Origin = UNSAID
    left: list[Place] = field(default_factory=list)

    def pack(self) -> dict[str, Value]:
        """Return it as JSON has it."""
        return {
            "ordinal": self.ordinal,
            "values": self.values,
            "flags": dict(self.flags),
            "identifiers": [list(each) for each in self.identifiers],
            "tokens": dict(self.tokens),
            "rows": {name: list(ids) for name, ids in self.rows.items()},
            "said": as_value(self.said),
            "requests": list[Value](self.requests),
            "events": [list(each) for each in self.events],
            "origin": [self.origin.provenance, self.origin.collected],
            "left": [list(each) for each in self.left],
        }

    @classmethod
    def unpack(cls, packed: Mapping[str, Any]) -> "State":
        """Return what `pack` packed."""
        identifiers = [
            (kind, token, bool(verified), bool(alias)) for kind, token, verified, alias in packed["identifiers"]
        ]
        return cls(
            packed["ordinal"], packed["values"], packed["flags"], identifiers, packed["tokens"], packed["rows"],
            of_value(packed["said"]), packed.get("requests", []),
            [(source, message) for source, message in packed.get("events", ())], origin_of(packed),
            [(entity, row_id) for entity, row_id in packed.get("left", ())],
        )  # fmt: skip


def read_state(
    conn: Connection, in_force: InForce, customer_id: str, *, vault: Vault, keys: Mapping[str, bytes]
) -> State:  # fmt: skip
    """Read all of a customer; she must exist and be locked."""
    catalogue = in_force.catalogue
    schema, mine = build_schema(catalogue, conn.dialect.name), [(customer_id, customer_id)]
    (row,) = read_rows(conn, catalogue, catalogue.entities[CUSTOMER], mine, keys=vault)
    columns = [schema.customer.c[flag_column(name)] for name in catalogue.opt_outs]
    origins = Collecting(conn, catalogue, catalogue.entities[CUSTOMER], "").origins(mine)
    flags = conn.execute(select(*columns).where(schema.customer.c.customer_id == customer_id)).one()
    i, t = IDENTIFIER.c, TOKEN.c
    names = select(i.kind, i.token, i.verified, i.alias).where(i.customer_id == customer_id, i.entity == CUSTOMER)
    scopes = select(t.scope, t.token).where(t.customer_id == customer_id, t.entity == CUSTOMER)
    return State(
        ordinal=row.ordinal,
        values=row.values,
        flags={name: value not in (0, False) for name, value in zip(catalogue.opt_outs, flags, strict=True)},
        identifiers=sorted(
            (kind, token, bool(verified), bool(alias)) for kind, token, verified, alias in conn.execute(names)
        ),
        tokens={row.scope: row.token for row in conn.execute(scopes)},
        rows={name: rows_of(conn, schema, name, customer_id) for name in _below(schema)},
        said=read_said(conn, {customer_id: keys[customer_id]})[customer_id],
        requests=requests_of(conn, customer_id),
        events=messages_of(conn, customer_id),
        origin=origins[customer_id, customer_id],
        left=left_of(conn, customer_id),
    )


def origin_of(packed: Mapping[str, Any]) -> Origin:
    """Return what is packed of an origin; a merge from before provenance was kept has none."""
    return Origin(*packed["origin"]) if "origin" in packed else UNSAID


def rows_of(conn: Connection, schema: Schema, entity: str, customer_id: str) -> list[str]:
    """Return the ids of the rows of an entity that belong to a customer."""
    table = schema.rows[entity]
    row_id = table.c[f"{entity}_id"]
    return list(conn.execute(select(row_id).where(table.c.customer_id == customer_id).order_by(row_id)).scalars())


def drop_row(conn: Connection, in_force: InForce, customer_id: str) -> None:
    """Delete a customer's own row and what hangs on it alone; not her key, her history, nor what belongs to her."""
    schema = build_schema(in_force.catalogue, conn.dialect.name)
    tables = [schema.customer, *([schema.sealed[CUSTOMER]] if CUSTOMER in schema.sealed else [])]
    for table in tables:
        conn.execute(delete(table).where(table.c.customer_id == customer_id))
    for table in (IDENTIFIER, WORD, TOKEN):
        conn.execute(delete(table).where(table.c.customer_id == customer_id, table.c.entity == CUSTOMER))


def _below(schema: Schema) -> list[str]:
    return sorted(name for name in schema.rows if name != CUSTOMER)
