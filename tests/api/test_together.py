"""Requests that are begun together get what each would get alone, and have the entries that each would have."""

import asyncio
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from audit.append import Log
from cdp.api.reading.begin import Begun, Ready, begin, ready
from cdp.api.reading.together import begin_together
from cdp.errors import CdpError, Unavailable
from cdp.services.apps.revoke import revoke_app
from cdp.services.opt_out import refuse
from cdp.services.read import read_view
from cdp.services.verify_log import verify_log
from tests import samples
from tests.api.apps import bearer, register
from tests.api.calling import send
from tests.support.worlds import World
from views import run
from views.request import ViewRequest


@pytest.fixture
def ids(platform) -> list[str]:
    rows = read_view(platform, ViewRequest("care_desk", "agent"), principal=samples.TESTER).chunks
    return [row[0] for chunk in rows for row in chunk]


@pytest.fixture
def desk(app, platform):
    return bearer(app, register(platform, "desk", "care_desk", "care_orders"))


def scope_of(app: Any, headers: dict[str, str], view: str, query: str) -> dict[str, Any]:
    return {
        "type": "http", "method": "GET", "app": app, "path": f"/views/{view}", "path_params": {"view": view},
        "query_string": quote(query, safe="=&(),.*").encode(), "client": ("127.0.0.1", 1), "state": {},
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip


def asked(app: Any, headers: dict[str, str], *queries: str, view: str = "care_desk") -> list[Any]:
    return begin_together([(scope_of(app, headers, view, query), b"") for query in queries])


def reads(platform) -> list[tuple[int, int]]:
    entries = World(platform).entries()
    return [(each["rows"], each["customers"]) for each in entries if each["what"] == "disclosure"]


def test_each_gets_what_it_would_get_alone(app, platform, desk, ids):
    queries = [
        *(f"customer_id=eq.{each}" for each in ids[:4]), f"customer_id=eq.{ids[4]}&limit=1",
        f"customer_id=eq.{ids[5]}&select=loyalty&format=ndjson", f"customer_id=eq.{ids[6]}&format=csv",
        "customer_id=eq.nobody", f"customer_id=eq.{ids[7]}&format=ndjson&end=line",
    ]  # fmt: skip
    alone = [asked(app, desk, query)[0] for query in queries]
    before = reads(platform)[-len(queries) :]
    together = asked(app, desk, *queries)
    assert all(isinstance(each, Begun) for each in alone)
    assert together == alone
    assert sorted(reads(platform)[-len(queries) :]) == sorted(before)
    assert together == [begin(ready(scope_of(app, desk, "care_desk", query), b"")) for query in queries]


def test_what_is_not_about_one_person_goes_on_by_itself(app, desk, ids, platform):
    before = reads(platform)
    found = asked(
        app, desk, "", "limit=1", f"customer_id=neq.{ids[0]}", f"customer_id=in.({ids[0]})",
        f"or=(customer_id.eq.{ids[0]})",
        f"customer_id=eq.{ids[0]}&explain=1", f"customer_id=not.eq.{ids[0]}", "loyalty=eq.gold",
    )  # fmt: skip
    assert all(isinstance(each, Ready) for each in found)
    assert reads(platform) == before


def test_a_fault_of_one_is_nobody_elses(app, desk, ids, platform):
    before = len(reads(platform))
    mine = f"customer_id=eq.{ids[0]}"
    found = asked(app, desk, mine, "nothing=eq.1", mine + "&limit=x", mine + "&select=unknown", mine)
    assert [each.code for each in found if isinstance(each, CdpError)] == [
        "unknown_column",
        "bad_window",
        "unknown_column",
    ]
    assert found[0] == found[4]
    assert isinstance(found[0], Begun)
    assert len(reads(platform)) == before + 2
    verify_log(platform)


def test_a_reading_that_breaks_has_the_others_read_by_themselves(app, desk, ids, platform, monkeypatch):
    before, read = reads(platform), run.ViewReading.read

    def breaking(self, conn, position):
        if ids[1] in self._values.values():
            raise RuntimeError
        return read(self, conn, position)

    monkeypatch.setattr(run.ViewReading, "read", breaking)
    found = asked(app, desk, *(f"customer_id=eq.{each}" for each in ids[:3]))
    assert reads(platform) == before, "nothing was logged that did not leave"
    assert orjson.loads(begin(found[0]).body)[0]["customer_id"] == ids[0]
    with pytest.raises(RuntimeError):
        begin(found[1])


def test_no_entry_no_rows(app, desk, ids, platform, monkeypatch):
    def failing(_self, _conn, _batch):
        raise Unavailable("log_failed", "the log could not be written")

    with monkeypatch.context() as broken:
        broken.setattr(Log, "_write", failing)
        found = asked(app, desk, *(f"customer_id=eq.{each}" for each in ids[:3]))
        assert all(isinstance(each, Ready) for each in found)
        with pytest.raises(Unavailable):
            begin(found[0])


def test_a_revocation_and_a_refusal_hold_for_what_comes_after_them(app, platform, ids):
    letters = bearer(app, register(platform, "letters", "newsletter"))
    mine = [f"customer_id=eq.{each}" for each in ids[:3]]
    assert [orjson.loads(each.body) != [] for each in asked(app, letters, *mine, view="newsletter")] == [True] * 3
    refuse(platform, ids[1], "direct_marketing", principal=samples.TESTER)
    assert [orjson.loads(each.body) != [] for each in asked(app, letters, *mine, view="newsletter")] == [
        True,
        False,
        True,
    ]
    revoke_app(platform, "letters", principal=samples.TESTER)
    assert {each.code for each in asked(app, letters, *mine, view="newsletter")} == {"bad_token"}


def test_many_at_once_over_the_application(app, platform, desk, ids):
    before = len(reads(platform))
    targets = [ids[number % len(ids)] for number in range(48)]

    async def all_of_them() -> list[Any]:
        return await asyncio.gather(
            *(send(app, "GET", f"/views/care_desk?customer_id=eq.{each}", desk) for each in targets)
        )

    answers = asyncio.run(all_of_them())
    assert [each.status for each in answers] == [200] * 48
    assert [each.json[0]["customer_id"] for each in answers] == targets
    assert len(reads(platform)) == before + 48
    verify_log(platform)
