"""A catalogue with a field of every kind, and a case for every kind of change: what is edited, what becomes of values.

The values that a case expects are written by hand; the program's conversion is not asked.
"""

import copy
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from cdp.catalogue.model import Catalogue
from cdp.terms import Value
from tests import samples

Data = dict[str, Any]

BASE: Data = {
    "entities": {
        "customer": {
            "fields": {
                "name": {"type": "text", "sensitivity": "identifying", "mask": "initials", "search": "words"},
                "email": {"type": "text", "sensitivity": "identifying", "mask": "email", "identifier": "email"},
                "city": {"type": "text", "sensitivity": "personal", "general": "prefix", "keep": 2},
                "born": {"type": "date", "sensitivity": "personal", "general": "year_band", "width": 10},
                "income": {"type": "integer", "sensitivity": "personal", "general": "band", "width": 10000},
                "creed": {"type": "text", "sensitivity": "sensitive", "general": "prefix", "keep": 1},
                "score": {"type": "decimal", "sensitivity": "personal", "at_rest": "sealed"},
                "level": {"type": "choice", "choices": ["gold", "silver", "none"], "sensitivity": "none"},
                "member": {"type": "boolean", "sensitivity": "none"},
                "extra": {"type": "json", "sensitivity": "none"},
            }
        },
        "order": {
            "belongs_to": "customer",
            "fields": {
                "placed": {"type": "datetime", "sensitivity": "personal", "general": "year"},
                "total": {"type": "decimal", "sensitivity": "none"},
                "note": {"type": "text", "sensitivity": "none"},
                "address": {"type": "text", "sensitivity": "identifying", "mask": "generic"},
            },
        },
    }
}

POLICY_TEXT = """\
roles: [agent, officer]
purposes: {service: {legal_basis: contract, subject_to: []}}
views:
  desk: {kind: standard, purpose: service, roles: [agent]}
  office: {kind: full, purpose: service, roles: [officer]}
"""

EXTRAS: tuple[Value, ...] = ({"a": [1, "x"]}, "plain", 7, True, "2024-02-03")


def person(number: int) -> dict[str, Value]:
    """The fields of a customer; some values convert to other types and some do not, some are missing."""
    return {
        "name": f"Ann Lee {number}",
        "email": f"ann{number}@example.org",
        "city": None if number == 2 else f"{number}{number}" if number % 2 else f"Town {number}",
        "born": f"19{60 + number}-03-02",
        "income": 12_500 * number,
        "creed": None if number == 1 else f"creed {number}",
        "score": f"{number}.50" if number % 2 else f"{number}.00",
        "level": ("gold", "silver", "none")[number % 3],
        "member": number % 2 == 0,
        "extra": EXTRAS[number % len(EXTRAS)],
    }


def order(number: int) -> dict[str, Value]:
    """The fields of an order."""
    return {
        "placed": f"2024-0{1 + number}-03T10:00:00+00:00",
        "total": "129.90" if number % 2 else "7",
        "note": "{}" if number == 0 else f"note {number}",
        "address": f"{number} High Street",
    }


def edited(*edits: Callable[[Data], object]) -> Catalogue:
    """The catalogue after these edits."""
    data = copy.deepcopy(BASE)
    for edit in edits:
        edit(data)
    return samples.catalogue(json.dumps(data))


def set_field(path: str, **keys: object) -> Callable[[Data], None]:
    """Change keys of `entity.field`, None removing one; or add the field."""
    entity, name = path.split(".")

    def edit(data: Data) -> None:
        field = {**data["entities"][entity]["fields"].get(name, {}), **keys}
        data["entities"][entity]["fields"][name] = {key: value for key, value in field.items() if value is not None}

    return edit


def drop(path: str) -> Callable[[Data], object]:
    """Drop `entity` or `entity.field`."""
    entity, _, name = path.partition(".")
    return lambda data: data["entities"][entity]["fields"].pop(name) if name else data["entities"].pop(entity)


def add_entity(name: str, parent: str, **fields: object) -> Callable[[Data], object]:
    """Add an entity."""
    return lambda data: data["entities"].update({name: {"belongs_to": parent, "fields": fields}})


def opt_outs(*more: str) -> Callable[[Data], object]:
    """List opt-outs besides the four."""
    from cdp.terms import OPT_OUTS

    return lambda data: data.update(opt_outs=[*OPT_OUTS, *more])


def reverse(path: str) -> Callable[[Data], None]:
    """Turn the order round of what stands under `entities` or `entities.…`."""

    def edit(data: Data) -> None:
        holder: Data = {"": data}
        *way, last = ["", *path.split(".")]
        for each in way:
            holder = holder[each]
        holder[last] = dict(reversed(holder[last].items()))

    return edit


Becomes = dict[str, Callable[[Any], Value] | Iterable[Value]]


@dataclass(frozen=True)
class Case:
    """One kind of change.

    Attributes:
        edits: from the base.
        becomes: what is in a field from then on, by `entity.field`: from its value before, or row by row.
        destroys: whether values may be lost.
        rewrites: the entities whose rows have to be written anew.
    """

    edits: tuple[Callable[[Data], object], ...]
    becomes: Becomes
    destroys: bool = False
    rewrites: tuple[str, ...] = ()


def case(
    *edits: Callable[[Data], object], becomes: Becomes | None = None, destroys: bool = False, rewrites: str = ""
) -> Case:
    return Case(edits, becomes or {}, destroys, tuple(rewrites.split()))


def type_case(path: str, type_: str, becomes: Callable[[Any], Value], *, destroys: bool, **keys: object) -> Case:
    entity = path.split(".", maxsplit=1)[0]
    edit = set_field(path, type=type_, **{"general": None, "keep": None, "width": None, "choices": None, **keys})
    return case(edit, becomes={path: becomes}, destroys=destroys, rewrites=entity)


def text_or_none(number: Any) -> Value:
    return None if number is None else str(number)


ALL = "customer order"
HOLD = {"reason": {"en": "Tax law"}, "basis": "legal_obligation", "purpose": "bookkeeping", "period": "10 years"}
NOTHING_STORED: dict[str, Case] = {
    "retention": case(set_field("customer.born", retention="2 years")),
    "when_outdated": case(set_field("customer.born", retention="2 years", when_outdated="ask")),
    "hold": case(set_field("customer.city", hold=HOLD)),
    "category": case(set_field("customer.born", category="user.demographic.date_of_birth")),
    "required": case(set_field("customer.city", required=True)),
    "quasi_identifier": case(set_field("customer.city", quasi_identifier=True)),
    "self_service": case(set_field("customer.city", self_service="review")),
    "max_length": case(set_field("customer.name", max_length=40)),
    "max_length as it was": case(set_field("customer.name", max_length=2_000)),
    "sent_as": case(set_field("customer.city", sent_as="Home Town")),
    "order of fields": case(reverse("entities.customer.fields")),
    "order of entities": case(reverse("entities")),
    "more choices": case(set_field("customer.level", choices=["gold", "silver", "none", "new"])),
    "other order of choices": case(set_field("customer.level", choices=["none", "silver", "gold"])),
    "choice to text": case(set_field("customer.level", type="text", choices=None)),
    "sensitivity of the same place": case(set_field("customer.level", sensitivity="personal")),
    "at rest as it was": case(set_field("customer.name", at_rest="sealed")),
    "new field": case(set_field("customer.nick", type="text", sensitivity="none")),
    "new sealed field": case(set_field("order.ship_to", type="text", sensitivity="identifying", mask="last4")),
    "new entity": case(add_entity("call", "customer", about={"type": "text", "sensitivity": "sensitive"})),
    "new entity of an entity": case(add_entity("line", "order", sku={"type": "text", "sensitivity": "none"})),
    "new opt-out": case(opt_outs("profiling")),
}
"""Changes that write no row anew; with those that drop columns besides, `DROPPED`."""

DROPPED: dict[str, Case] = {
    "mask hidden": case(set_field("customer.email", mask=None)),
    "general gone": case(set_field("customer.city", general=None, keep=None)),
    "field gone": case(drop("customer.income"), destroys=True),
    "entity gone": case(drop("order"), destroys=True),
}

REWRITTEN: dict[str, Case] = {
    "mask": case(set_field("customer.email", mask="generic"), rewrites="customer"),
    "mask of what was hidden": case(set_field("customer.income", mask="last4"), rewrites="customer"),
    "width": case(set_field("customer.income", width=20000), rewrites="customer"),
    "keep": case(set_field("customer.city", keep=3), rewrites="customer"),
    "general": case(set_field("customer.born", general="year", width=None), rewrites="customer"),
    "general of another type": case(
        set_field("customer.income", general="round", width=None, digits=-3), rewrites="customer"
    ),
    "general by table": case(
        set_field("customer.level", general="table", table={"gold": "yes", "silver": "no"}), rewrites="customer"
    ),
    "general of a sensitive field gone": case(
        set_field("customer.creed", general=None, keep=None), rewrites="customer"
    ),
    "identifier": case(set_field("customer.name", identifier="nick"), rewrites="customer"),
    "identifier gone": case(set_field("customer.email", identifier=None), rewrites="customer"),
    "identifier of another kind": case(set_field("customer.email", identifier="mail"), rewrites="customer"),
    "search": case(set_field("customer.city", search="words"), rewrites="customer"),
    "search gone": case(set_field("customer.name", search=None), rewrites="customer"),
    "fewer choices": case(
        set_field("customer.level", choices=["gold", "silver"]),
        becomes={"customer.level": lambda level: None if level == "none" else level},
        destroys=True,
        rewrites="customer",
    ),
    "sealed field gone": case(drop("customer.email"), destroys=True, rewrites="customer"),
    "last sealed field of an entity gone": case(drop("order.address"), destroys=True, rewrites="order"),
    "personal to identifying": case(
        set_field("customer.city", sensitivity="identifying", mask="last4", general=None, keep=None),
        rewrites="customer",
    ),
    "identifying to personal": case(set_field("customer.name", sensitivity="personal"), rewrites="customer"),
    "personal to sensitive": case(set_field("customer.born", sensitivity="sensitive"), rewrites="customer"),
    "sensitive to personal": case(set_field("customer.creed", sensitivity="personal"), rewrites="customer"),
    "identifying to sensitive": case(set_field("customer.email", sensitivity="sensitive"), rewrites="customer"),
    "none to identifying": case(set_field("order.note", sensitivity="identifying"), rewrites="order"),
    "identifying to none": case(set_field("order.address", sensitivity="none"), rewrites="order"),
    "sealed at rest": case(set_field("customer.income", at_rest="sealed"), rewrites="customer"),
    "clear at rest": case(set_field("customer.score", at_rest=None), rewrites="customer"),
    "integer to text": type_case("customer.income", "text", text_or_none, destroys=False),
    "integer to decimal": type_case("customer.income", "decimal", text_or_none, destroys=True),
    "integer to json": type_case("customer.income", "json", lambda value: value, destroys=False),
    "text to integer": type_case(
        "customer.city", "integer", lambda city: int(city) if city and city.isdigit() else None, destroys=True
    ),
    "text to choice": type_case(
        "order.note", "choice", lambda note: note if note == "note 1" else None, destroys=True, choices=["note 1"]
    ),
    "text to json": type_case("order.note", "json", lambda note: {} if note == "{}" else None, destroys=True),
    "decimal to integer": type_case(
        "customer.score", "integer", lambda score: int(score[0]) if score.endswith(".00") else None, destroys=True
    ),
    "decimal to text": type_case("order.total", "text", text_or_none, destroys=False),
    "date to datetime": type_case("customer.born", "datetime", lambda born: f"{born}T00:00:00+00:00", destroys=False),
    "datetime to date": type_case("order.placed", "date", lambda placed: placed[:10], destroys=True),
    "boolean to text": type_case(
        "customer.member", "text", lambda member: "true" if member else "false", destroys=False
    ),
    "boolean to integer": type_case("customer.member", "integer", lambda _: None, destroys=True),
    "json to text": type_case(
        "customer.extra", "text", lambda extra: json.dumps(extra, separators=(",", ":")), destroys=True
    ),
    "json to date": type_case(
        "customer.extra", "date", lambda extra: extra if extra == "2024-02-03" else None, destroys=True
    ),
    "several at once": case(
        set_field("customer.income", type="text", general="prefix", width=None, keep=1),
        set_field("customer.city", sensitivity="identifying", mask="generic", general=None, keep=None),
        set_field("order.total", type="integer"),
        drop("customer.born"),
        set_field("customer.nick", type="text", sensitivity="none"),
        opt_outs("profiling"),
        becomes={"customer.income": text_or_none, "order.total": lambda total: 7 if total == "7" else None},
        destroys=True,
        rewrites=ALL,
    ),
}

CASES = {**NOTHING_STORED, **DROPPED, **REWRITTEN}
