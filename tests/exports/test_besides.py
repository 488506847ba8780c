"""What an export has besides her rows: where they came from, until when they are kept, what nobody has classified."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

from sqlalchemy import insert

from cdp.bootstrap import Platform
from cdp.events.kept import REST
from cdp.services.exports import contents
from cdp.services.herself import unclassified as reading
from cdp.services.herself.whence import whence_pages
from cdp.services.read import read_view
from cdp.store.arriving import EVENT
from cdp.store.left_over import write_left
from tests import samples
from tests.exports.conftest import add_orders, unpacked
from views.request import ViewRequest


def leave(platform: Platform, customer_id: str, said: str, events: int) -> None:
    """Have a file and some events say something that no field takes."""
    keys = platform.vault.keys([customer_id])
    with platform._database.writing() as conn:
        write_left(conn, "customer", [(customer_id, customer_id, {"Shoe size": said})], keys, version=1)
        for number in range(events):
            rest = REST.seal(keys[customer_id], f"m{number}", {"properties": {"mood": said}}, schema=1)
            row = {"customer_id": customer_id, "source": 7, "message": f"m{number}", "kind": "track", "entity": "",
                   "row_id": "", "received_at": "2026-01-01T00:00:00+00:00", "read_with": 1, "rest": rest}  # fmt: skip
            conn.execute(insert(EVENT).values(row))


def test_what_nobody_has_classified_is_hers_and_nobody_elses(
    platform: Platform, exported: Callable[..., Path], monkeypatch
) -> None:
    monkeypatch.setattr(reading, "BATCH", 3)
    ann, ben = samples.add_people(platform, 2)
    leave(platform, ann.customer_id, "thirty-nine", 7)
    files = unpacked(exported(ann.customer_id))
    found = json.loads(files["unclassified.json"])
    assert [each["said"] for each in found] == [
        {"Shoe size": "thirty-nine"},
        *[{"properties": {"mood": "thirty-nine"}}] * 7,
    ]
    assert b"no field here yet; nobody but you" in files["index.html"]
    amount = reading.count_unclassified(platform, ann.customer_id)
    assert (amount.rows, amount.events) == (1, 7)
    others = unpacked(exported(ben.customer_id))
    assert json.loads(others["unclassified.json"]) == []
    assert b"no field here yet: nothing" in others["index.html"]
    shown = read_view(platform, ViewRequest("privacy_office", "privacy_officer", reason="x"), principal=samples.TESTER)
    assert "thirty-nine" not in str([row for chunk in shown.chunks for row in chunk]), "no view shows it"


def test_every_row_says_where_it_came_from_and_until_when(
    platform: Platform, exported: Callable[..., Path], monkeypatch
) -> None:
    monkeypatch.setattr("cdp.services.herself.whence.PAGE", 2)
    (ann,) = samples.add_people(platform, 1)
    add_orders(platform, ann.customer_id, 5)
    files = unpacked(exported(ann.customer_id))
    rows = json.loads(files["provenance.json"])
    assert [each["entity"] for each in rows] == ["customer", *["order"] * 5]
    orders = {each["order_id"] for each in json.loads(files["data/order.json"])}
    assert {each["row"] for each in rows[1:]} == orders
    assert all({"sources", "purposes", "recipients", "kept_until", "values"} <= each.keys() for each in rows)
    with platform._database.writing() as conn:
        conn.exec_driver_sql("UPDATE cdp_provenance SET retention = 'P2M', source = 'shop'")
    pages = list(whence_pages(platform, ann.customer_id, today=date(2026, 6, 1)))
    assert {(row.parts[0].source, str(term.ending.by)) for page in pages for row, term in page} == {
        ("shop", "declared")
    }


def test_no_more_than_two_chunks_are_held() -> None:
    """`itertools.tee` would hold 57 of them."""
    alive, most = 0, 0

    class Chunk(list):
        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    def chunks(*_: object):
        nonlocal alive, most
        for _ in range(30):
            alive += 1
            most = max(most, alive)
            yield Chunk([()])

    answer = type("Answer", (), {"plan": type("Plan", (), {"columns": []})})
    for _ in contents._both(answer, chunks()):
        pass
    assert most <= 3
