"""Every cell of the policy table on both engines, compared with the interpreter: an exhaustive small model.

kinds x sensitivities x sealed or not x masks x generalisations x listed or not x `clear` x `shapes` x what the purpose
allows and is subject to x flags of every odd kind that the engine lets one store.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest

from cdp.catalogue.model import Catalogue
from cdp.errors import Several
from cdp.store.records import Stored
from cdp.terms import CUSTOMER, Value
from tests.support.declared import point, variety
from tests.support.loose import NOT_REFUSED, POSTGRESQL_FLAGS, SQLITE_FLAGS, loosen_flags, set_flags
from tests.support.worlds import Person, World, catalogue_of, opened, policy_of, request_of
from tests.views import interpreter
from tests.views.plain import as_yaml, plain_rows, same, view_yaml
from views.check import check_policy
from views.compile import compile_build, compile_view
from views.policy import Policy

KINDS = ("standard", "full", "anonymized", "opt_out", "selective")
TYPES: dict[str, dict[str, Any]] = {
    "plain": {"type": "text"},
    "prefix": {"type": "text", "general": {"how": "prefix", "keep": 2}},
    "band": {"type": "integer", "general": {"how": "band", "width": 10}},
    "round": {"type": "integer", "general": {"how": "round", "digits": -1}},
    "amount": {"type": "decimal", "general": {"how": "round", "digits": 0}},
    "day": {"type": "date", "general": {"how": "year"}},
    "flag": {"type": "boolean", "general": {"how": "table", "table": {"true": "yes", "false": "no"}}},
    "pick": {
        "type": "choice",
        "choices": ["a", "b"],
        "general": {"how": "table", "table": {"a": "first", "b": "last"}},
    },
    "json": {"type": "json"},
}
VALUES: dict[str, tuple[Value, Value]] = {
    "plain": ("Lovelace", "王小明女士"), "prefix": ("94107", "É9"), "band": (52, -7), "round": (5234, 45),
    "amount": ("129.50", "0.4"), "day": ("1987-03-02", "2001-12-31"), "flag": (True, False), "pick": ("a", "b"),
    "json": ({"k": [1, None]}, [True]),
}  # fmt: skip
UNMASKABLE = ("flag", "pick", "json")
FIELDS: dict[str, dict[str, Any]] = {
    f"{tag[:2]}_{'s' if sealed else 'c'}_{type_}_{'m' if mask else 'u'}": {
        "general": None, **TYPES[type_], "sensitivity": tag, "sealed": sealed, "mask": mask,
    }
    for tag, sealed, type_, mask in product(
        ("identifying", "personal", "sensitive", "none"), (True, False), TYPES, ("generic", None)
    )
    if not (mask and type_ in UNMASKABLE) and (sealed or tag in ("personal", "none"))
}  # fmt: skip
PURPOSES: dict[str, dict[str, Any]] = {
    "free": {"subject_to": [], "allows_sensitive": False},
    "free_sensitive": {"subject_to": [], "allows_sensitive": True},
    "bound": {"subject_to": ["third_party_disclosure"], "allows_sensitive": False},
    "bound_sensitive": {"subject_to": ["third_party_disclosure", "direct_marketing"], "allows_sensitive": True},
    "bound_by_tag": {"subject_to": ["sensitive_data", "direct_marketing"], "allows_sensitive": True},
}
CHOICES = ("nothing", "clear", "clear_but_general", "all_clear", "all_masked", "all_general", "all_hidden")
FLAGS = ("third_party_disclosure", "direct_marketing", "sensitive_data")


def views() -> Iterator[tuple[str, dict[str, Any], str]]:
    """Every view of the model: its name, itself, its purpose."""
    for kind, purpose, listed, choice in product(KINDS, PURPOSES, (False, True), CHOICES):
        if (kind in ("opt_out", "selective") and not listed) or (kind == "full" and PURPOSES[purpose]["subject_to"]):
            continue
        if choice.startswith("clear") and kind != "standard":
            continue
        shape = choice.removeprefix("clear_but_").removeprefix("all_")
        view: dict[str, Any] = {
            "kind": kind,
            "fields": list(FIELDS) if listed else None,
            "clear": list(FIELDS) if choice.startswith("clear") else [],
            "shapes": dict.fromkeys(FIELDS, shape) if choice not in ("nothing", "clear") else {},
        }
        yield f"{kind}_{purpose}_{'listed' if listed else 'all'}_{choice}", view, purpose


def without(view: dict[str, Any], wrong: set[str]) -> dict[str, Any]:
    """The view with everything left out that was wrong to ask."""
    kept = None if view["fields"] is None else [name for name in view["fields"] if name not in wrong]
    clear = [name for name in view["clear"] if name not in wrong]
    return {
        **view,
        "fields": kept,
        "clear": clear,
        "shapes": {n: s for n, s in view["shapes"].items() if n not in wrong},
    }


def policy_with(view: dict[str, Any], purpose: str) -> Policy:
    return policy_of({purpose: PURPOSES[purpose]}, {"seen": view_yaml(view, purpose)})


def faults(catalogue: Catalogue, policy: Policy) -> set[str]:
    """The fields that the policy is wrong about, by the product."""
    try:
        check_policy(catalogue, policy)
    except Several as several:
        return {found[1] for fault in several.faults if (found := re.match(r"`(\w+)` ", fault.message))}
    return set()


@contextmanager
def model(home: Path, database_url: str, keys_url: str) -> Iterator[tuple[World, Catalogue, list[Stored]]]:
    """A store with loose flags: every odd flag by itself, every pair of plain ones and null together."""
    catalogue = catalogue_of({name: as_yaml(field) for name, field in FIELDS.items()})
    selective = {"kind": "selective", "fields": list(FIELDS)[:1], "clear": [], "shapes": {}}
    bound = {name: view_yaml(selective, name) for name in PURPOSES}
    with opened(home, database_url, keys_url, catalogue, policy_of(PURPOSES, bound)) as world:
        loosen_flags(world)
        odd = SQLITE_FLAGS if world.dialect == "sqlite" else POSTGRESQL_FLAGS
        fine = NOT_REFUSED[world.dialect]
        combinations = [dict(zip(FLAGS, chosen, strict=True)) for chosen in product(odd[:3], repeat=3)]
        combinations += [{**dict.fromkeys(FLAGS, fine), name: literal} for name in FLAGS for literal in odd[3:]]
        values = [{name: VALUES[name.split("_")[2]][turn] for name in FIELDS} for turn in (0, 1)]
        people = [Person(values[number % 2] if number % 7 else {}) for number in range(len(combinations))]
        stored = world.add(people)
        set_flags(world, [(row.ordinal, flags) for row, flags in zip(stored, combinations, strict=True)])
        sets = variety(world, list(PURPOSES), Random(5))
        others = [
            (CUSTOMER, row, sets[number // 4 % len(sets)]) for number, row in enumerate(stored) if number % 4 == 0
        ]
        point(world, others)
        yield world, catalogue, stored


def test_every_cell_is_what_the_interpreter_says(tmp_path: Path, database_url: str, keys_url: str) -> None:
    checked = 0
    with model(tmp_path, database_url, keys_url) as (world, catalogue, stored):
        for name, view, purpose in views():
            spec = {**PURPOSES[purpose], "name": purpose}
            wrong = interpreter.faulty(FIELDS, view, spec)
            assert faults(catalogue, policy_with(view, purpose)) == wrong, name
            right = without(view, wrong)
            if right["fields"] == [] or not interpreter.column_names(FIELDS, right):
                continue
            policy = policy_with(right, purpose)
            assert faults(catalogue, policy) == set(), name
            if view["kind"] == "anonymized":
                plan = compile_build(catalogue, policy, policy.views["seen"])
            else:
                plan = compile_view(catalogue, policy, request_of("seen"))
            rows, ids = plain_rows(world, catalogue, stored, view["kind"], f"acme/{purpose}")
            expected_columns = interpreter.columns(FIELDS, right, spec, ids)
            assert [(c.name, str(c.type), not c.hidden) for c in plan.columns] == expected_columns, name
            expected = interpreter.output(FIELDS, rows, right, spec, ids)
            found = world.read_plan(plan)
            assert same(found, [tuple(row.values()) for row in expected]), (name, first_difference(found, expected))
            checked += len(found) * len(plan.columns)
    assert checked > 200_000


def first_difference(found: list[Any], expected: list[dict[str, Any]]) -> object:
    if len(found) != len(expected):
        return f"{len(found)} rows for {len(expected)}"
    for cells, row in zip(found, expected, strict=True):
        for cell, (name, wanted) in zip(cells, row.items(), strict=True):
            if (type(cell), cell) != (type(wanted), wanted):
                return name, cell, wanted
    return None


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_faulty_policy_shows_no_more_than_the_table(tmp_path: Path, database_url: str, keys_url: str) -> None:
    """Were a policy in force that the check would refuse, what it is wrong to ask is hidden or as the kind says."""
    with model(tmp_path, database_url, keys_url) as (world, catalogue, stored):
        for name, view, purpose in views():
            if view["kind"] == "anonymized" or not (wrong := interpreter.faulty(FIELDS, view, PURPOSES[purpose])):
                continue
            policy = policy_with(view, purpose)
            plan = compile_view(catalogue, policy, request_of("seen"))
            rows, ids = plain_rows(world, catalogue, stored, view["kind"], f"acme/{purpose}")
            spec = {**PURPOSES[purpose], "name": purpose}
            kinds = interpreter.output(FIELDS, rows, {**view, "shapes": {}}, spec, ids)
            for cells, expected in zip(world.read_plan(plan), kinds, strict=True):
                for column, cell in zip(plan.columns, cells, strict=True):
                    if column.name in wrong:
                        assert cell is None or cell == expected[column.name], (name, column.name)
