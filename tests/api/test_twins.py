"""Invariant 1 over HTTP: changing what an app may not know changes no byte of any answer, header fields included."""

import asyncio
import os
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

import views.run
from cdp.asgi import create_app
from cdp.services.apps.register import register_app
from cdp.services.releases import build_release
from tests.api.calling import Answer, send
from tests.invariants.test_twins import ABSENT, ALL_FIELDS, SHOWN, differing, first_values, other_values
from tests.support import organisation
from tests.support.twins import twins
from tests.support.worlds import TESTER

PAIRS = int(os.environ.get("TWINS", "10000"))
"""How many pairs of requests the suite compares, over all views; `make twins` compares many more."""

OPERATORS = ("eq", "neq", "gt", "gte", "lt", "lte", "like", "ilike", "fts", "not.eq", "not.like", "in", "not.in", "is")
ACCEPTS = (
    "application/json", "application/x-ndjson", "text/csv", "application/vnd.apache.arrow.stream",
    "application/vnd.apache.parquet", "application/vnd.pgrst.object+json",
)  # fmt: skip
"""What is asked for in turn."""

Asked = tuple[str, str, dict[str, str]]


def texts() -> list[str]:
    """What a curious app would try: what is hidden in either world, what is shown, and what fits no column."""
    people = (first_values(2), other_values(2), first_values(5), other_values(7))
    found = [str(value) for person in people for value in person.values()]
    return [*dict.fromkeys(found), "", "null", "true", "1", "1e9", "2020-01-01", "*", "%a%", "\\x", 'a"b', "(a,b)", "é"]


def plain(base: str) -> Iterator[Asked]:
    """What anybody asks first: all of it in each form, its plan, its number, a page, and what else there is."""
    for accept in ACCEPTS:
        yield "GET", base, {"accept": accept}
        yield "GET", f"{base}?limit=5", {"accept": accept, "prefer": "count=exact"}
    for target in (f"{base}/explain", f"{base}?explain=1", "/views", "/openapi.json", f"{base}?end=line&format=csv"):
        yield "GET", target, {}
    for word in ("exact", "planned", "estimated"):
        yield "HEAD", base, {"prefer": f"count={word}"}


def questions(view: str) -> Iterator[Asked]:
    """Requests without end, each different from the last in one respect or more."""
    base, values, number = f"/views/{view}", texts(), 0
    windows = [{}, {"limit": "3"}, {"limit": "2", "offset": "4"}, {"limit": "0"}, {"offset": "9"}, {"limit": "5"}]
    orders = ["", *(f"{name}.desc.nullslast" for name in ALL_FIELDS), f"loyalty,{ABSENT}", "loyalty.asc,customer_id"]
    yield from plain(base)
    while True:
        for text in values:
            for column in ALL_FIELDS:
                number += 1
                operator = OPERATORS[number % len(OPERATORS)]
                operand = f"({text},x)" if operator.endswith("in") else text
                query = {column: f"{operator}.{operand}"}
                if number % 5 == 1:
                    query = {"or": f"({column}.{operator}.{operand},loyalty.eq.gold)"}
                if number % 7 == 2:
                    query["select"] = column if number % 2 else f"loyalty,{column}"
                if number % 3 == 0:
                    query["order"] = orders[number % len(orders)]
                query |= windows[number % len(windows)]
                headers = {"accept": ACCEPTS[number % len(ACCEPTS)]}
                if number % 4 == 0:
                    headers["prefer"] = "count=exact"
                if number % 11 == 0:
                    headers["range"] = f"{number % 6}-{number % 17}"
                method = "HEAD" if number % 13 == 0 else "GET"
                target = base + ("/explain" if number % 29 == 0 else "")
                yield method, f"{target}?{urlencode({k: v for k, v in query.items() if v or k == column})}", headers


async def compare(apps: list[Any], headers: list[dict[str, str]], view: str, pairs: int) -> tuple[list[Any], set[int]]:
    found, statuses, stream = [], set(), questions(view)
    for _ in range(pairs):
        asked = next(stream)
        method, target, more = asked
        first, second = [
            await send(app, method, target, {**mine, **more}) for app, mine in zip(apps, headers, strict=True)
        ]
        statuses.add(first.status)
        if first != second:
            found.append((asked, first, second))
    return found, statuses


@pytest.fixture
def pair(view, engine_name, tmp_path, request, monkeypatch):
    files = organisation.catalogue(), organisation.policy()
    with twins(tmp_path, engine_name, request, files, differing(view), monkeypatch) as made:
        monkeypatch.setattr(views.run, "CHUNK_ROWS", 5)
        if view == "insight":
            for world in made.each():
                build_release(world.platform, view, principal=TESTER)
        yield made


@pytest.fixture
def apps(pair, view, monkeypatch):
    """The application of each world, and the header of a token for its app."""
    made, headers = [], []
    for world in pair.each():
        registered = register_app(world.platform, "twin", [view], principal=TESTER)
        app = create_app(world.platform)
        made.append(app)
        token = app.state.tokens.issue(registered.app.client_id, registered.secret)[0]
        # Cursors are bound to the client id, which is drawn: here both apps bear one.
        world.sql(f"UPDATE cdp_app SET client_id = 'app_twin' WHERE client_id = '{registered.app.client_id}'")
        token = app.state.tokens.issue("app_twin", registered.secret)[0]
        headers.append({"authorization": f"Bearer {token}"})
    yield made, headers
    for app in made:
        app.state.traffic.close()
        app.state.readers.shutdown()


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("view", SHOWN)
def test_what_an_app_may_not_know_changes_no_byte(apps, view, request):
    found, statuses = asyncio.run(compare(*apps, view, -(-PAIRS // len(SHOWN))))
    assert found == []
    assert {200, 400} <= statuses


@pytest.mark.parametrize(
    ("view", "engine_name"), [("letter", "postgresql"), ("partner", "postgresql")], indirect=["engine_name"]
)
def test_nor_on_the_other_engine(apps, view):
    found, _ = asyncio.run(compare(*apps, view, 300))
    assert found == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("view", ["desk"])
def test_hidden_absent_and_malformed_are_one_answer(apps, view):
    app, headers = apps[0][0], apps[1][0]

    async def answers(targets: list[str], **more: str) -> set[Answer]:
        return {await send(app, "GET", target, {**headers, **more}) for target in targets}

    names = ("religion", "account", ABSENT, "_key", "refused__direct_marketing", "Ö", "a" * 500)
    for form in ("{}=eq.x", "{}=in.(1,2)", "or=({}.eq.1)", "{}=not.is.null"):
        assert len(asyncio.run(answers([f"/views/desk?{form.format(name)}" for name in names]))) == 1
    views_ = ("office", "letter", ABSENT, "a" * 500, "é", "desk2")
    assert len(asyncio.run(answers([f"/views/{name}" for name in views_]))) == 1
    ids = (str(uuid.uuid4()), "x", "'; --", "a" * 900)
    assert len(asyncio.run(answers([f"/views/desk?customer_id=eq.{each}" for each in ids]))) == 1


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("view", ["letter", "partner"])
def test_the_worlds_do_differ(pair, apps, view):
    """An app of the office sees the difference; else nothing above could fail."""
    answers = []
    for world, app in zip(pair.each(), apps[0], strict=True):
        office = register_app(world.platform, "office", ["office"], principal=TESTER)
        token = app.state.tokens.issue(office.app.client_id, office.secret)[0]
        headers = {"authorization": f"Bearer {token}", "cdp-reason": "a test"}
        answers.append(asyncio.run(send(app, "GET", "/views/office", headers)))
    assert answers[0].status == answers[1].status == 200
    assert answers[0] != answers[1]
