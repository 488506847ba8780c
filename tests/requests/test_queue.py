"""The queue: late first, then due soon, last what stands still; a page at a time, by key, and counted nowhere."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, event

from cdp.bootstrap import Platform
from cdp.services.requests.assign import assign
from cdp.services.requests.queue import Wanted, list_waiting
from cdp.services.requests.records import SEALER, add, load
from cdp.services.requests.states import Kind, State
from cdp.services.requests.steps import pause, resume, take, withdraw
from cdp.store.asking import REQUEST
from cdp.store.records import Stored
from tests.requests.conftest import OFFICER, OTHER, ask
from tests.requests.test_requests import code_of, entries
from tests.samples import TESTER

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def came(platform: Platform, customer_id: str, kind: Kind, days: int) -> str:
    """A request that came so many days ago."""
    request_id = ask(platform, customer_id, kind, "please")
    with platform._database.writing() as conn:
        key = platform.vault.keys([customer_id])[customer_id]
        request = load(conn, platform, customer_id, request_id)
        conn.exec_driver_sql(f"DELETE FROM cdp_request WHERE request_id = '{request_id}'")
        course = replace(request.course, received_at=NOW - timedelta(days=days))
        add(conn, replace(request, course=course), form=request_id, key=key)
    return request_id


def queue(platform: Platform, **wanted: object) -> list[str]:
    """All pages of a queue, in their order."""
    found, after = [], ""
    while True:
        page = list_waiting(platform, Wanted(**wanted, after=after, limit=2), principal=TESTER, now=NOW)
        found += [each.request_id for each in page.requests]
        assert len(page.requests) <= 2
        if not page.after:
            return found
        after = page.after


def test_late_comes_first_then_what_is_due_soon_and_pages_miss_nothing(
    platform: Platform, people: list[Stored]
) -> None:
    ids = {
        name: came(platform, people[number % 4].customer_id, kind, days)
        for number, (name, kind, days) in enumerate(
            [("new", Kind.ACCESS, 1), ("late", Kind.ERASURE, 40), ("later", Kind.ACCESS, 60), ("soon", Kind.ACCESS, 26),
             ("gone", Kind.ACCESS, 50)]
        )
    }  # fmt: skip
    gone = load_owner(platform, ids["gone"])
    withdraw(platform, gone, ids["gone"])
    assert queue(platform) == [ids[name] for name in ("later", "late", "soon", "new")]
    assert queue(platform, late=True) == [ids["later"], ids["late"]]
    assert queue(platform, kind=Kind.ERASURE) == [ids["late"]]
    take(platform, ids["soon"], officer=OFFICER)
    assert queue(platform, taken_by="os:officer") == [ids["soon"]]
    assert queue(platform, taken_by="") == [ids["later"], ids["late"], ids["new"]]
    assert queue(platform, state=State.TAKEN) == [ids["soon"]]
    assert [each for each in entries(platform) if each["act"] == "read_requests"][-1]["customers"] == 1


def load_owner(platform: Platform, request_id: str) -> str:
    with platform._database.reading() as conn:
        return str(
            conn.exec_driver_sql(f"SELECT customer_id FROM cdp_request WHERE request_id = '{request_id}'").scalar()
        )


def test_what_stands_still_comes_last_and_is_not_late(platform: Platform, ann: str) -> None:
    two, one = came(platform, ann, Kind.ACCESS, 3), came(platform, ann, Kind.ACCESS, 20)
    with platform._database.writing() as conn:  # a regime whose clock stands while it is not known who asks
        clock = '{"kinds":["access"],"answer":{"months":1},"pauses":true,"source":"a law"}'
        conn.exec_driver_sql(f"UPDATE cdp_request SET clock = '{clock}' WHERE request_id = '{one}'")
    pause(platform, one, officer=OFFICER, reason="who are you")
    assert queue(platform) == [two, one]
    assert queue(platform, late=True) == []
    resume(platform, one, officer=OFFICER)
    assert queue(platform) == [one, two]


def test_ten_thousand_wait_and_a_page_is_found_by_its_key(platform: Platform, ann: str) -> None:
    first = ask(platform, ann)
    with platform._database.writing() as conn:
        key = platform.vault.keys([ann])[ann]
        request = load(conn, platform, ann, first)
        row = dict(conn.exec_driver_sql("SELECT * FROM cdp_request").mappings().one())
        rows = []
        for number in range(10_000):
            request_id = str(uuid.UUID(int=number))
            due = (NOW + timedelta(hours=number // 4)).isoformat(timespec="microseconds")
            sealed = SEALER.seal(key, request_id, request.said, schema=1)
            rows.append({**row, "request_id": request_id, "form": request_id, "due_at": due, "sealed": sealed})
        conn.execute(REQUEST.insert(), rows)
    asked: list[str] = []

    def hear(_conn: object, _cursor: object, text: str, *_rest: object) -> None:
        asked.append(text.lower().replace("limit ? offset ?", ""))  # SQLAlchemy's form for SQLite: the offset is 0

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        page, seen = list_waiting(platform, Wanted(), principal=TESTER, now=NOW), []
        for _ in range(3):
            seen += [each.request_id for each in page.requests]
            page = list_waiting(platform, Wanted(after=page.after), principal=TESTER, now=NOW)
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
    assert len(set(seen)) == 150
    reads = [text for text in asked if "from cdp_request" in text]
    assert reads
    assert not any("count(" in text or "offset" in text for text in reads)
    if platform.door.dialect == "sqlite":
        with platform._database.reading() as conn:
            plan = conn.exec_driver_sql(
                "EXPLAIN QUERY PLAN SELECT * FROM cdp_request WHERE closed_at IS NULL AND due_at > '' "
                "ORDER BY closed_at, due_at, request_id LIMIT 51"
            ).all()
        assert "cdp_request_waiting" in str(plan)
        assert "TEMP B-TREE" not in str(plan)


def test_a_page_that_begins_nowhere_is_refused(platform: Platform) -> None:
    for after in ("x", "~", "'; --~" + "0" * 36, "\0~" + "0" * 36, "2026~" + "g" * 36):
        assert code_of(list_waiting, platform, Wanted(after=after), principal=TESTER, now=NOW) == "bad_cursor"


def test_a_request_is_given_to_somebody_and_laid_back(platform: Platform, ann: str) -> None:
    request_id = ask(platform, ann)
    assert assign(platform, request_id, OTHER, officer=OFFICER).taken_by == "os:other"
    assert queue(platform, state=State.TAKEN, taken_by="os:other") == [request_id]
    pause(platform, request_id, officer=OFFICER, reason="who are you")
    assert assign(platform, request_id, OFFICER, officer=OFFICER).state is State.PAUSED
    assert assign(platform, request_id, None, officer=OFFICER).taken_by is None
    assert queue(platform, taken_by="") == [request_id]
    assert code_of(assign, platform, request_id, None, officer=OFFICER) == "request_state"
    own = replace(OTHER, customer_id=ann)
    assert code_of(assign, platform, request_id, own, officer=OFFICER) == "own_request"
    assert entries(platform)[-1]["code"] == "own_request"
