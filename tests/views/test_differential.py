"""Random policies and requests over awkward people: both engines give what the interpreter gives."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

import views.run
from cdp.errors import CdpError
from tests.postgres import Server
from tests.support.worlds import READER, policy_of
from tests.views import interpreter
from tests.views.people import ENTITIES, Population, population
from tests.views.plain import plain_rows, same, view_yaml, written, written_order
from tests.views.strategies import requests, views as some_views
from views.check import check_policy
from views.compile import compile_view
from views.conditions import parse_conditions
from views.request import ViewRequest, parse_order


@pytest.fixture
def people(tmp_path: Path, database_url: str, keys_url: str) -> Any:
    with population(tmp_path, database_url, keys_url) as made:
        yield made


def parsed(request: dict[str, Any], view: str = "seen") -> ViewRequest:
    """The request by way of the text that a caller writes."""
    return ViewRequest(
        view, READER, select=None if request["select"] is None else tuple(request["select"]),
        where=parse_conditions([written(each) for each in request["where"]]),
        order=parse_order(written_order(request["order"])),
        limit=request["limit"], offset=request["offset"],
    )  # fmt: skip


def expected(people: Population, case: dict[str, Any], request: dict[str, Any]) -> Any:
    fields, stored = ENTITIES[case["entity"]], people.rows[case["entity"]]
    catalogue = people.world.platform.in_force().catalogue
    rows, ids = plain_rows(
        people.world, catalogue, stored, case["view"]["kind"], f"acme/{case['scope']}", case["entity"]
    )
    for row, each in zip(rows, stored, strict=True):
        row["shapes"] = people.shapes(case["entity"], each)
    try:
        return interpreter.answer(fields, rows, case["view"], {**case["purpose"], "name": case["scope"]}, ids, request)
    except interpreter.Fault as fault:
        return fault.args[0]


def found(people: Population, case: dict[str, Any], request: dict[str, Any]) -> Any:
    catalogue = people.world.platform.in_force().catalogue
    policy = policy_of(
        {case["scope"]: case["purpose"]}, {"seen": view_yaml(case["view"], case["scope"], case["entity"])}
    )
    check_policy(catalogue, policy)
    try:
        return people.world.read_plan(compile_view(catalogue, policy, parsed(request)))
    except CdpError as error:
        return error.code


def columns_of(case: dict[str, Any]) -> list[tuple[str, str, bool]]:
    fields = ENTITIES[case["entity"]]
    ids = ["token"] if case["view"]["kind"] == "selective" else ["customer_id"]
    ids = [*ids, *([f"{case['entity']}_id"] if case["entity"] != "customer" else [])]
    return interpreter.columns(fields, case["view"], case["purpose"], ids)


def compare(people: Population, monkeypatch: pytest.MonkeyPatch, examples: int) -> None:
    """Let the store and the interpreter answer so many random requests."""

    @settings(max_examples=examples)
    @given(some_views(), st.data(), st.sampled_from([1, 2, 3, 7, 5_000]))
    def check(case: dict[str, Any], data: st.DataObject, chunk: int) -> None:
        words = [name for name, field in ENTITIES[case["entity"]].items() if field.get("words")]
        request = data.draw(requests(columns_of(case), words))
        monkeypatch.setattr(views.run, "CHUNK_ROWS", chunk)
        answer, wanted = found(people, case, request), expected(people, case, request)
        assert answer == wanted
        assert isinstance(answer, str) or same(answer, wanted)

    check()


def test_any_request_of_any_view(people: Population, monkeypatch: pytest.MonkeyPatch) -> None:
    compare(people, monkeypatch, max(300, settings().max_examples))


@pytest.fixture
def unicode_url(postgres_server: Server) -> Iterator[str]:
    """A database whose own rules for case are those of Unicode, as on most servers, and not those of C."""
    name = f"test_{secrets.token_hex(8)}"
    rules = "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
    postgres_server.execute(f"CREATE DATABASE {name} OWNER cdp TEMPLATE template0 {rules}")
    yield postgres_server.url(name)
    postgres_server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_the_rules_of_the_server_for_text_do_not_matter(
    tmp_path: Path, unicode_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with population(tmp_path, unicode_url, f"sqlite:///{tmp_path / 'keys.db'}") as people:
        world = people.world
        assert world.query("SELECT lower('É' COLLATE \"default\"), lower('É' COLLATE \"C\")") == [("é", "É")]
        others = (
            "SELECT attrelid::regclass, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
            " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND atttypid = 'text'::regtype"
            " AND attcollation <> '\"C\"'::regcollation"
        )
        assert world.query(others) == []
        compare(people, monkeypatch, 60)
