"""Releases against the interpreter: what is in one, and what any request gets of it, on both engines."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

import views.run
from cdp.errors import CdpError, Refused
from cdp.services.releases import build_release
from cdp.store.records import Stored
from cdp.terms import Value
from tests.support.declared import point, variety
from tests.support.worlds import TESTER, Person, World, catalogue_of, opened, policy_of
from tests.views import interpreter
from tests.views.people import field
from tests.views.plain import as_yaml, plain_rows, same, view_yaml
from tests.views.strategies import requests
from tests.views.test_differential import parsed

FIELDS: dict[str, dict[str, Any]] = {
    "name": field("text", "identifying", mask="initials"),
    "born": field("date", "personal", general={"how": "year"}, quasi=True),
    "town": field("text", "personal", general={"how": "prefix", "keep": 2}, quasi=True),
    "income": field("integer", "personal", general={"how": "band", "width": 10}),
    "hobby": field("text", "personal"),
    "visits": field("integer", "none", general={"how": "round", "digits": -1}),
    "member": field("boolean", "none"),
    "price": field("decimal", "none"),
    "faith": field("text", "sensitive"),
    "doc": field("json", "none"),
    "tags": field("json", "none", quasi=True),
}
PURPOSES: dict[str, dict[str, Any]] = {
    "free": {"subject_to": [], "allows_sensitive": True},
    "bound": {"subject_to": ["automated_decisions", "direct_marketing"], "allows_sensitive": True},
}
SHOWN = ["town", "born", "visits", "member", "price"]
VIEWS: dict[str, dict[str, Any]] = {
    # view, purpose, k, l
    "plain": {"fields": SHOWN, "purpose": "free", "k": 2},
    "strict": {"fields": SHOWN, "purpose": "bound", "k": 4},
    "without_list": {"fields": None, "purpose": "bound", "k": 2},
    "sensitive": {"fields": ["born", "faith", "visits"], "purpose": "free", "k": 3},
    "hardly_diverse": {"fields": ["born", "faith", "hobby"], "purpose": "bound", "k": 2, "l": 1},
    "diverse": {"fields": ["town", "faith", "income", "doc"], "purpose": "free", "k": 2, "l": 3},
    "no_quasi": {"fields": ["visits", "member"], "purpose": "free", "k": 5},
    "json": {"fields": ["tags", "doc", "member"], "purpose": "free", "k": 3},
    "weaker": {"fields": ["town", "born", "price"], "purpose": "free", "k": 3, "shapes": {"town": "hidden"}},
}
VALUES: dict[str, list[Value]] = {
    "name": ["Ann Lee", "Bo"], "born": ["1987-03-02", "1987-12-31", "1990-01-01", None],
    "town": ["Ulm", "Uelzen", "Bonn", "王小明", None],
    "income": [5, 15, None], "hobby": ["chess"], "visits": [4, 6, 14, 26, None], "member": [True, False, None],
    "price": ["1.50", "1.5", "10", None], "faith": ["a", "b", "c", None],
    "doc": [{"a": 1}, [None], "text", 0, False, None],
    "tags": [["x"], {"y": 1}],
}  # fmt: skip


def spec(name: str) -> dict[str, Any]:
    view = VIEWS[name]
    return {"kind": "anonymized", "fields": view["fields"], "clear": [], "shapes": view.get("shapes", {})}


@pytest.fixture
def made(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[tuple[World, list[Stored]]]:
    catalogue = catalogue_of(
        {
            name: as_yaml(each) | ({"quasi_identifier": True} if each.get("quasi") else {})
            for name, each in FIELDS.items()
        }
    )
    policy = policy_of(
        PURPOSES,
        {
            name: view_yaml(spec(name), view["purpose"]) | {key: view[key] for key in ("k", "l") if key in view}
            for name, view in VIEWS.items()
        },
    )
    random = Random(3)
    with opened(tmp_path, database_url, keys_url, catalogue, policy) as world:
        flags = ("automated_decisions", "sensitive_data", "direct_marketing")
        people = [
            Person(
                {name: random.choice(VALUES[name]) for name in FIELDS},
                frozenset(flag for flag in flags if random.random() < 0.2),
            )
            for _ in range(60)
        ]
        stored = world.add(people)
        sets = variety(world, list(PURPOSES), random)
        point(world, [("customer", row, random.choice(sets)) for row in stored if random.random() < 0.3])
        yield world, stored


def naive(world: World, stored: list[Stored], name: str) -> list[dict[str, Any]]:
    """What the release of a view has to hold."""
    view, purpose = spec(name), {**PURPOSES[VIEWS[name]["purpose"]], "name": VIEWS[name]["purpose"]}
    rows, _ = plain_rows(world, world.platform.in_force().catalogue, stored, "anonymized", "")
    shown = [
        (row["ids"]["customer_id"], interpreter.output(FIELDS, [row], view, purpose, [])[0])
        for row in rows
        if interpreter.keeps_row(row, view, purpose)
    ]
    names = interpreter.column_names(FIELDS, view)
    quasi = [each for each in names if FIELDS[each].get("quasi")]
    sensitive = [each for each in names if FIELDS[each]["sensitivity"] == "sensitive"]
    return interpreter.released(
        shown, quasi=quasi, sensitive=sensitive, k=VIEWS[name]["k"], least=VIEWS[name].get("l", 2)
    )


def test_releases_hold_what_they_may_and_answer_as_any_view(
    made: tuple[World, list[Stored]], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, stored = made
    releases: dict[str, list[dict[str, Any]]] = {}
    for name in VIEWS:
        releases[name] = naive(world, stored, name)
        if not releases[name]:
            with pytest.raises(Refused):
                build_release(world.platform, name, principal=TESTER)
        else:
            built = build_release(world.platform, name, principal=TESTER)
            assert (built.size, built.suppressed <= 60 - built.size) == (len(releases[name]), True)
    assert sum(map(bool, releases.values())) >= 6
    assert any(0 < len(rows) < 50 for rows in releases.values())
    names = [name for name, rows in releases.items() if rows]

    @settings(max_examples=100)
    @given(st.sampled_from(names), st.data(), st.sampled_from([2, 5_000]))
    def check(name: str, data: st.DataObject, chunk: int) -> None:
        monkeypatch.setattr(views.run, "CHUNK_ROWS", chunk)
        known = interpreter.columns(FIELDS, spec(name), PURPOSES[VIEWS[name]["purpose"]], [])
        request = data.draw(requests(known, []))
        try:
            expected: Any = interpreter.ask(list(releases[name]), known, set(), request)
        except interpreter.Fault as fault:
            expected = fault.args[0]
        try:
            found: Any = world.rows(parsed(request, name))
        except CdpError as error:
            found = error.code
        assert found == expected
        assert isinstance(found, str) or same(found, expected)

    check()
