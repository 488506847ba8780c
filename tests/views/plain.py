"""From a store to the plain dicts that the interpreter takes, and from plain dicts to catalogue, policy and request."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from audit.passage import Row
from cdp.catalogue.model import Catalogue
from cdp.store.platform import TOKEN
from cdp.store.records import Stored
from cdp.store.tables import build_schema
from cdp.terms import CUSTOMER
from tests.support.declared import declarations
from tests.support.worlds import World

KEPT_APART = ("words", "sealed")


def as_yaml(field: Mapping[str, Any]) -> dict[str, Any]:
    """A field of the interpreter as the catalogue writes it."""
    spec: dict[str, Any] = {"type": field["type"], "sensitivity": field["sensitivity"]}
    if field.get("mask"):
        spec["mask"] = field["mask"]
    if field.get("general"):
        parameters = dict(field["general"])
        spec |= {"general": parameters.pop("how"), **parameters}
    spec |= {key: field[key] for key in ("identifier", "choices") if field.get(key)}
    if field.get("words"):
        spec["search"] = "words"
    if field.get("sealed") and field["sensitivity"] in ("personal", "none"):
        spec["at_rest"] = "sealed"
    return spec


def view_yaml(view: Mapping[str, Any], purpose: str, entity: str = CUSTOMER) -> dict[str, Any]:
    """A view of the interpreter as the policy writes it."""
    spec: dict[str, Any] = {"kind": view["kind"], "purpose": purpose, "entity": entity, "shapes": dict(view["shapes"])}
    if view["fields"] is not None:
        spec["fields"] = list(view["fields"])
    if view["clear"]:
        spec["clear"] = list(view["clear"])
    if view["kind"] == "anonymized":
        spec["k"] = 2
    if view["kind"] == "selective":
        spec["recipient"] = "acme"
    return spec


def stored_flags(world: World, catalogue: Catalogue) -> dict[str, dict[str, Any]]:
    """What is stored as each customer's flags, as the driver gives it."""
    names = ", ".join(f"refused__{name}" for name in catalogue.opt_outs)
    rows = world.query(f"SELECT customer_id, {names} FROM customer")
    return {row[0]: dict(zip(catalogue.opt_outs, row[1:], strict=True)) for row in rows}


def tokens(world: World, scope: str) -> dict[tuple[str, str], str]:
    """The pseudonyms of one scope: by entity and row id."""
    c = TOKEN.c
    with world.platform._database.reading() as conn:
        rows = conn.execute(select(c.entity, c.row_id, c.token).where(c.scope == scope)).all()
    return {(row.entity, row.row_id): row.token for row in rows}


def plain_rows(
    world: World, catalogue: Catalogue, stored: Sequence[Stored], kind: str, scope: str, entity: str = CUSTOMER
) -> tuple[list[dict[str, Any]], list[str]]:
    """The rows as the interpreter takes them for one kind, and the names of the columns that name a row."""
    flags, named = stored_flags(world, catalogue), tokens(world, scope)
    id_column = build_schema(catalogue, world.dialect).rows[entity].c[catalogue.entities[entity].id_column].name
    ids = {"anonymized": [], "selective": ["token"]}.get(kind, ["customer_id"])
    if entity != CUSTOMER and kind != "anonymized":
        ids = [*ids, id_column]
    declared = declarations(world)
    sets = dict(world.query(f'SELECT ordinal, cdp__provenance FROM "{entity}"'))
    found = []
    for row in stored:
        if kind == "selective":
            known = {"token": named[CUSTOMER, row.customer_id], id_column: named[entity, row.row_id]}
            known = {"token": known["token"]} if entity == CUSTOMER else known
            key: Any = named[entity, row.row_id]
        else:
            known, key = {"customer_id": row.customer_id, id_column: row.row_id}, row.ordinal
        found.append(
            {
                "ids": known, "key": key, "flags": flags[row.customer_id], "values": dict(row.values),
                "declared": declared.get(sets[row.ordinal], []),
            }
        )  # fmt: skip
    return found, ids


def written(condition: Any) -> tuple[str, str]:
    """A condition as a caller writes it, as a pair of name and value."""
    head, *rest = condition
    if head in ("and", "or"):
        members, negated = rest
        return ("not." if negated else "") + head, f"({','.join(member(each) for each in members)})"
    column, operator, operands, negated = rest
    return column, ("not." if negated else "") + f"{operator}.{operand(operator, operands, inside=False)}"


def member(condition: Any) -> str:
    head, *rest = condition
    name, value = written(condition) if head in ("and", "or") else ("", "")
    if head in ("and", "or"):
        return f"{name}{value}"
    column, operator, operands, negated = rest
    return f"{column}.{'not.' if negated else ''}{operator}.{operand(operator, operands, inside=True)}"


def operand(operator: str, operands: Sequence[str], *, inside: bool) -> str:
    if operator == "in":
        return f"({','.join(quoted(each) for each in operands)})"
    return quoted(operands[0]) if inside and operator != "is" else operands[0]


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def written_order(order: Sequence[tuple[str, bool, bool]]) -> str:
    return ",".join(
        f"{name}.{'desc' if descending else 'asc'}.{'nullsfirst' if first else 'nullslast'}"
        for name, descending, first in order
    )


def same(found: Sequence[Row], expected: Sequence[Row]) -> bool:
    """Whether two answers are the same, type by type: True is not 1 here."""
    return [[(type(cell), cell) for cell in row] for row in found] == [
        [(type(cell), cell) for cell in row] for row in expected
    ]
