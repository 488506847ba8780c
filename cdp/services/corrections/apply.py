"""The store changes: one row is written anew with one new value, in the transaction of the decision.

Content is checked again here: the catalogue may have changed since she proposed it. Who is locked already is not erased
meanwhile. An identifier that another customer bears is refused to the officer, never to her: nobody learns from a
correction whose address an address is.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from audit.entries import timestamp
from cdp.bootstrap import InForce
from cdp.errors import CdpError, NotFound, Refused, Several
from cdp.services.corrections.records import Correction, Place
from cdp.services.imports.found import HeldKeys
from cdp.store.lookup import find_by_tokens, find_claims
from cdp.store.records import Stored, read_rows
from cdp.store.shaper import shaper
from cdp.store.write import Writer
from cdp.terms import CUSTOMER, Value
from cdp.vault.vault import Vault
from consent.arrivals import follow_moves


def stored_row(conn: Connection, in_force: InForce, customer_id: str, place: Place, key: bytes) -> Stored:
    """Return the row that is corrected, as it stands.

    Raises:
        NotFound: `no_such_field`: there is no such field or row, or it is not hers.
    """
    entity = in_force.catalogue.entities.get(place.entity)
    if entity is None or place.field not in entity.fields or (place.entity == CUSTOMER) != (place.row_id == ""):
        raise _unknown()
    row_id = place.row_id or customer_id
    keys = HeldKeys({customer_id: key})
    for row in read_rows(conn, in_force.catalogue, entity, [(customer_id, row_id)], keys=keys):
        return row
    raise _unknown()


def write_value(
    conn: Connection, in_force: InForce, vault: Vault, correction: Correction, *, key: bytes, actor: str
) -> None:  # fmt: skip
    """Write the new value of a correction into the store; she is locked.

    Raises:
        NotFound: `no_such_field`.
        Refused: `identifier_taken`.
        Several: `bad_values`, where the catalogue in force does not take it any more.
    """
    catalogue, place = in_force.catalogue, correction.place
    row = stored_row(conn, in_force, correction.customer_id, place, key)
    entity = catalogue.entities[place.entity]
    values = {**row.values, place.field: _checked(in_force, place, correction.new)}
    missing = shaper(catalogue, entity.name).missing(values)
    if missing:
        raise Several("bad_values", f"{len(missing)} value(s) do not fit", list[CdpError](missing))
    changed = replace(row, values=values)
    writer = Writer(catalogue, entity, version=in_force.catalogue_version, vault=vault, dialect=conn.dialect.name)
    _require_free(conn, writer, entity.name, row, changed)
    claims = find_claims(conn, entity, [(row.customer_id, row.row_id)])
    writer.replace(conn, [changed], claims=claims, keys={row.customer_id: key})
    if entity.is_customer:
        follow_moves(
            conn, [row], [changed], catalogue=catalogue, regimes=in_force.policy.regime, at=timestamp(), actor=actor
        )  # fmt: skip


def _checked(in_force: InForce, place: Place, value: Value) -> Value:
    """Return the value as the catalogue in force has it."""
    if value is None:
        return None
    values, faults = shaper(in_force.catalogue, place.entity).coerce({place.field: value})
    if faults:
        raise Several("bad_values", f"{len(faults)} value(s) do not fit", faults)
    return values[place.field]


def _require_free(conn: Connection, writer: Writer, entity: str, row: Stored, changed: Stored) -> None:
    """Do nothing if what the row newly bears is nobody else's.

    Raises:
        Refused: `identifier_taken`.
    """
    before = {(kind, token) for _, kind, token in writer.identifiers([row])}
    new: Sequence[tuple[str, str]] = [
        (kind, token) for _, kind, token in writer.identifiers([changed]) if (kind, token) not in before
    ]
    for kind, token in new:
        bearer = find_by_tokens(conn, entity, kind, [token]).get(token)
        if bearer is not None and bearer.row_id != row.row_id:
            hint = "find out who is who: `cdp identity --help`"
            raise Refused("identifier_taken", "another customer bears this identifier", path="field", hint=hint)


def _unknown() -> NotFound:
    return NotFound("no_such_field", "there is no such field", path="field")
