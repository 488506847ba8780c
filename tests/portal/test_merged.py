"""Somebody who became part of another: what is hers follows while that stands, and is hers again when it is undone."""

from datetime import date

import pytest
from fastapi import FastAPI

from audit.entries import HERSELF
from cdp.bootstrap import Platform
from cdp.services.corrections.propose import Proposal, Proposed, propose
from cdp.services.customers import find_customer
from cdp.services.herself.renewing import confirm
from cdp.services.identity.merge import merge_customers, unmerge_customers
from cdp.services.requests.file import Filing, file_request
from cdp.services.requests.states import Kind
from cdp.services.statements.notice import notice_for
from cdp.store.write import NewRow
from tests import samples
from tests.portal import visitor as visitors
from tests.portal.authenticator import ORIGIN, Authenticator
from tests.portal.conftest import ADDRESS
from tests.portal.test_passkeys import add, enter
from tests.portal.visitor import Visitor, text

OTHER = "ann1@example.org"
TABLES = ("cdp_passkey", "cdp_statement_read", "cdp_request", "cdp_request_step", "cdp_correction", "cdp_letter",
          "cdp_renewal")  # fmt: skip


@pytest.fixture
def origin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Browsers make passkeys for names; set before there is a platform."""
    monkeypatch.setenv("CDP_ORIGIN", ORIGIN)
    monkeypatch.setattr(visitors, "ORIGIN", ORIGIN)


@pytest.fixture
def platform(origin: None, platform: Platform) -> Platform:
    return platform


def rows(platform: Platform) -> dict[str, list[tuple[object, ...]]]:
    """What is kept of whom, but for what is sealed anew on its way there and back."""
    found = {}
    with platform._database.reading() as conn:
        for name in TABLES:
            every = conn.exec_driver_sql(f"SELECT * FROM {name}").mappings().all()
            found[name] = sorted(tuple(value for key, value in row.items() if key != "sealed") for row in every)
    return found


def ids(platform: Platform) -> tuple[str, str]:
    with platform._database.reading() as conn:
        first, second = (
            find_customer(conn, platform.in_force(), platform.vault, f"email:{each}").customer_id
            for each in (ADDRESS, OTHER)
        )
    return first, second


def test_all_of_it_follows_and_comes_back(app: FastAPI, platform: Platform) -> None:
    survivor, absorbed = ids(platform)
    ben, device = Visitor(app), Authenticator()
    ben.sign_in(platform, OTHER)
    assert add(ben, device, "ben's key").status == 303
    file_request(platform, absorbed, Filing(Kind.QUESTION, "who are you?"), principal=HERSELF)
    propose(platform, absorbed, Proposal([Proposed("income", "99000")], "more"))
    with platform._database.writing() as conn:
        conn.exec_driver_sql(f"INSERT INTO cdp_statement_read VALUES ('{absorbed}', 1, 'en', '2026-01-01')")
        asked = f"'{absorbed}', 'customer', '{absorbed}', 'religion', '2026-01-01', NULL"
        conn.exec_driver_sql(f"INSERT INTO cdp_renewal VALUES ({asked})")
    before = rows(platform)
    done = merge_customers(platform, survivor, absorbed, principal=samples.TESTER, reason="one person")

    assert (ben.get("/portal").header("location") or "").startswith("/portal/sign-in"), "she signs in as who she is now"
    phone = Visitor(app)
    assert enter(phone, device).header("location") == "/portal"
    assert "Ann Number0" in text(phone.get("/portal/data")), "her passkey opens what both are now"
    assert "ben's key" in text(phone.get("/portal/passkeys"))
    shown = text(phone.get("/portal/requests"))
    assert "Correct" in shown
    assert {row[0] for row in rows(platform)["cdp_request"]} == {survivor}
    assert notice_for(platform, survivor) is None

    unmerge_customers(platform, done.merge_id, principal=samples.TESTER)
    after = rows(platform)
    assert [row[:2] for row in after.pop("cdp_passkey")] == [row[:2] for row in before.pop("cdp_passkey")]
    assert {name: [row for row in after[name] if row in before[name]] for name in before} == before
    again = Visitor(app)
    assert enter(again, device).header("location") == "/portal"
    page = text(again.get("/portal/data"))
    assert "Ann Number1" in page
    assert "Ann Number0" not in page
    ann = Visitor(app)
    ann.sign_in(platform, ADDRESS)
    assert "ben's key" not in text(ann.get("/portal/passkeys"))


def test_what_she_read_and_confirmed_counts_on(app: FastAPI, platform: Platform) -> None:
    survivor, absorbed = ids(platform)
    order = {"placed_at": "2026-03-02T10:00:00Z", "total": "1.50", "paid": True, "address": "2 First Street"}
    (row,) = samples.add(platform, [NewRow(order, customer_id=absorbed)], "order")
    with platform._database.writing() as conn:
        values = f"'{absorbed}', 'order', '{row.row_id}', '', '2026-01-01', NULL"
        conn.exec_driver_sql(f"INSERT INTO cdp_renewal VALUES ({values})")
    done = merge_customers(platform, survivor, absorbed, principal=samples.TESTER, reason="one person")
    confirm(platform, survivor, ("order", row.row_id, ""), today=date(2026, 5, 5))
    unmerge_customers(platform, done.merge_id, principal=samples.TESTER)
    ((who, *_, confirmed),) = rows(platform)["cdp_renewal"]
    assert who == absorbed
    assert confirmed is not None
