"""A population for differential tests: fields of every sensitivity and type, sealed and not; awkward values."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

from cdp.catalogue.model import Catalogue
from cdp.catalogue.places import place
from cdp.store.records import Stored
from cdp.store.shaper import shaper
from cdp.store.write import NewRow
from cdp.terms import CUSTOMER, Shape, Value
from tests.support.declared import point, variety
from tests.support.loose import NOT_REFUSED, loosen_flags, set_flags
from tests.support.worlds import Person, World, catalogue_of, opened, policy_of
from tests.views.plain import as_yaml, view_yaml

Fields = dict[str, dict[str, Any]]


def field(type_: str, sensitivity: str, **more: Any) -> dict[str, Any]:
    return {"type": type_, "sensitivity": sensitivity, "mask": None, "general": None, **more}


PREFIX = {"how": "prefix", "keep": 2}
CUSTOMERS: Fields = {
    "name": field("text", "identifying", mask="initials", words=True),
    "email": field("text", "identifying", mask="email", identifier="email"),
    "phone": field("text", "identifying", mask="generic", identifier="phone"),
    "badge": field("choice", "identifying", choices=["a1", "b2"], general=PREFIX),
    "account": field("text", "personal", sealed=True, identifier="account", words=True, general=PREFIX),
    "nick": field("text", "personal", general=PREFIX, mask="generic", words=True),
    "income": field("integer", "personal", general={"how": "band", "width": 10}),
    "balance": field("decimal", "personal", general={"how": "round", "digits": 0}, sealed=True),
    "weight": field("decimal", "personal", general={"how": "round", "digits": 1}),
    "born": field("date", "personal", general={"how": "year"}),
    "faith": field("text", "sensitive", general=PREFIX, mask="generic", words=True),
    "record": field("text", "sensitive", mask="generic", identifier="record", general=PREFIX),
    "ill": field("boolean", "sensitive"),
    "debt": field("decimal", "sensitive"),
    "city": field("text", "none", general=PREFIX),
    "motto": field("text", "none", sealed=True, words=True),
    "visits": field("integer", "none"),
    "price": field("decimal", "none"),
    "seen": field("datetime", "none"),
    "member": field("boolean", "none"),
    "tier": field("choice", "none", choices=["gold", "silver"]),
    "doc": field("json", "none"),
}
ORDERS: Fields = {
    "total": field("decimal", "none"),
    "placed": field("datetime", "personal", general={"how": "year"}),
    "address": field("text", "identifying", mask="generic", words=True),
    "gift": field("boolean", "sensitive"),
    "note": field("text", "personal"),
}
ENTITIES: dict[str, Fields] = {CUSTOMER: CUSTOMERS, "order": ORDERS}

TEXTS = (
    "a", "A", "ab", "aB", "Ab*", "a%b", "a_b", "a\\b", "[ab]", "?", "*", "é", "e\u0301", "É", "ß", "ss", "王小明", "王",
    "😀", "\uffee", "\U0001f1e9\U0001f1ea", "a b", "b a", 'say "a", (b)', "O'Brien", "null", "true", "ı", "İ", "z", "~",
)  # fmt: skip
POOLS: dict[str, tuple[Value, ...]] = {
    "text": TEXTS,
    "integer": (-11, -10, -1, 0, 1, 9, 10, 99, 2**53 + 1, -(2**63), 2**63 - 1),
    "decimal": ("0", "0.10", "0.1", "-0.5", "1.5", "1.50", "1.500", "10", "9.99", "123456789012.345",
                "-123456789012.345", "0.000000000000001", "999999999999999"),
    "date": ("0001-01-01", "1987-03-02", "1987-03-03", "2000-02-29", "9999-12-31"),
    "datetime": ("1987-03-02T00:00:00+00:00", "2024-05-01T10:00:00+00:00", "2024-05-01T10:00:00.500000+00:00",
                 "2024-05-01T10:00:01+00:00"),
    "boolean": (True, False),
    "json": ({"a": 1}, [None], "text", 0, False),
}  # fmt: skip
OPT_OUTS = ("direct_marketing", "third_party_disclosure", "sensitive_data")
SCOPES = {
    "_".join(("serve", *(name.split("_")[0] for name in chosen))): chosen
    for size in range(4)
    for chosen in product(OPT_OUTS, repeat=size)
    if list(chosen) == sorted(set(chosen))
}
"""Purposes by what they are subject to: every subset of three opt-outs."""


def pool(spec: dict[str, Any]) -> tuple[Value, ...]:
    return tuple(spec["choices"]) if spec["type"] == "choice" else POOLS[spec["type"]]


def value(random: Random, name: str, spec: dict[str, Any], number: int) -> Value:
    if random.random() < 0.2:
        return None
    if name == "email":  # a verified identifier has one bearer
        domain = random.choice(["example.org", "Example.org", "x.cn"])
        return f"{random.choice(['ann', 'Bob', 'cé', '王'])}.{number}@{domain}"
    if name == "record":
        return f"{random.choice(['L***', 'Ab', '王'])}{number}" if number % 3 else None
    if name == "phone" and random.random() < 0.2:
        return random.choice(["none", "王", "-"])
    if name == "phone":
        return f"{random.choice(['+44 7700 9', '07700 9', '(0)77-', 'none '])}{number + 1000}"
    if name == "account":
        return f"{random.choice(['AB', 'ab', 'É'])}-{number} {random.choice(TEXTS)}"
    return random.choice(pool(spec))


def catalogue() -> Catalogue:
    fields = {name: as_yaml(spec) for name, spec in CUSTOMERS.items()}
    orders = {"belongs_to": CUSTOMER, "fields": {name: as_yaml(spec) for name, spec in ORDERS.items()}}
    return catalogue_of(fields, others={"order": orders})


class Population:
    """A filled store: its world, and its rows as plain dicts with the shapes that are stored of them."""

    def __init__(self, world: World, rows: dict[str, list[Stored]]) -> None:
        self.world = world
        self.rows = rows

    def shapes(self, entity: str, row: Stored) -> dict[tuple[str, str], Value]:
        """Every shape of a row but the clear one, by field and shape."""
        catalogue = self.world.platform.in_force().catalogue
        made = shaper(catalogue, entity).shape(row.values)
        stored = {**made.columns, **{key: value for cells in made.segments.values() for key, value in cells.items()}}
        return {
            (name, str(shape)): stored.get(found.key)
            for name, field in catalogue.entities[entity].fields.items()
            for shape in (Shape.MASKED, Shape.GENERAL)
            if (found := place(field, shape)) is not None
        }


@contextmanager
def population(
    home: Path, database_url: str, keys_url: str, *, customers: int = 40, seed: int = 7
) -> Iterator[Population]:
    """Customers with every combination of flags, and their orders; selective views of every purpose are possible."""
    random = Random(seed)
    purposes = {name: {"subject_to": list(chosen), "allows_sensitive": True} for name, chosen in SCOPES.items()}
    shared = {
        f"{name}_{entity}": view_yaml(
            {"kind": "selective", "fields": [next(iter(fields))], "clear": [], "shapes": {}}, name, entity
        )
        for name in purposes
        for entity, fields in ENTITIES.items()
    }
    with opened(home, database_url, keys_url, catalogue(), policy_of(purposes, shared)) as world:
        loosen_flags(world)
        made = [
            {name: value(random, name, spec, number) for name, spec in CUSTOMERS.items()} for number in range(customers)
        ]
        people = world.add([Person(values) for values in made])
        orders = [
            NewRow(
                {name: value(random, name, spec, number) for name, spec in ORDERS.items()},
                customer_id=owner.customer_id,
            )
            for number, owner in enumerate(random.choices(people, k=customers))
        ]
        rows = {CUSTOMER: people, "order": world.add_rows("order", orders)}
        fine = NOT_REFUSED[world.dialect]
        literals = (fine, fine, fine, "1" if world.dialect == "sqlite" else "true", "NULL")
        set_flags(
            world,
            [
                (row.ordinal, {name: random.choice(literals) for name in OPT_OUTS} | {"automated_decisions": fine})
                for row in people
            ],
        )
        sets = variety(world, sorted(SCOPES), random)
        most = [sets[0]] * len(sets)  # and the others now and then
        point(world, [(entity, row, random.choice([*most, *sets])) for entity, mine in rows.items() for row in mine])
        yield Population(world, rows)
