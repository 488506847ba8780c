"""Writing a customer back as she was before a merge: her id, her ordinal, her pseudonyms, her fields."""

from collections.abc import Mapping

from sqlalchemy import Connection, insert

from cdp.bootstrap import InForce
from cdp.catalogue.places import flag_column
from cdp.services.identity.state import State
from cdp.store.bulk import insert_rows
from cdp.store.origins import COLLECTED_COLUMN, SET_COLUMN
from cdp.store.platform import IDENTIFIER, TOKEN
from cdp.store.records import Stored
from cdp.store.shaper import shaper
from cdp.store.tables import build_schema
from cdp.store.write import Writer
from cdp.terms import CUSTOMER, Type, Value
from cdp.vault.vault import Vault


def restore(
    conn: Connection, in_force: InForce, vault: Vault, customer_id: str, state: State, *, keys: Mapping[str, bytes]
) -> None:  # fmt: skip
    """Write a customer's row as it was, under the catalogue in force: fields that it has no more are left out.

    Flags stay as they were; whatever was refused since, `consent.merge` adds from her history.
    """
    catalogue, version = in_force.catalogue, in_force.catalogue_version
    table = build_schema(catalogue, conn.dialect.name).customer
    as_stored = int if conn.dialect.name == "sqlite" else bool
    flags = {flag_column(name): as_stored(state.flags.get(name, False)) for name in catalogue.opt_outs}
    came = {SET_COLUMN: state.origin.provenance, COLLECTED_COLUMN: state.origin.collected}
    row = {"customer_id": customer_id, "ordinal": state.ordinal, "shaped_with": version, **flags, **came}
    conn.execute(insert(table).values(row))
    values = _fitting(in_force, state)
    aliases = [
        (customer_id, CUSTOMER, customer_id, kind, token, verified, True)
        for kind, token, verified, alias in state.identifiers
        if alias
    ]
    insert_rows(conn, IDENTIFIER, aliases)
    claims = {(customer_id, kind, token) for kind, token, verified, _ in state.identifiers if not verified}
    writer = Writer(
        catalogue, catalogue.entities[CUSTOMER], version=version, vault=vault, dialect=conn.dialect.name
    )  # fmt: skip
    writer.replace(conn, [Stored(customer_id, customer_id, state.ordinal, values)], claims=claims, keys=keys)
    named = [(customer_id, CUSTOMER, customer_id, scope, token) for scope, token in sorted(state.tokens.items())]
    insert_rows(conn, TOKEN, named)


def _fitting(in_force: InForce, state: State) -> dict[str, Value]:
    """Return the values that fit the fields there are now.

    JSON is a value already, and no text to be read as one; a text was taken once, however long a new one may be.
    """
    fields = in_force.catalogue.entities[CUSTOMER].fields
    known = {name: value for name, value in state.values.items() if name in fields}
    as_it_is = {
        name: value
        for name, value in known.items()
        if fields[name].type is Type.JSON or (fields[name].type is Type.TEXT and isinstance(value, str))
    }
    others = {name: value for name, value in known.items() if name not in as_it_is}
    return {**shaper(in_force.catalogue, CUSTOMER).coerce(others)[0], **as_it_is}
