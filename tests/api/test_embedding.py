"""Child views within views: each by its own policy, and what is not to be had looks like what is not there."""

import pytest

from cdp.services.publish import publish_policy
from cdp.store.write import NewRow
from tests import samples
from tests.api.apps import bearer, register
from tests.api.calling import call
from tests.support.worlds import World
from views import run


@pytest.fixture
def people(platform):
    return World(platform).query("SELECT customer_id, ordinal FROM customer ORDER BY ordinal")


@pytest.fixture
def orders(platform, people):
    """Two orders for the first, one for the second, and so on in turn."""
    rows = []
    for number, (customer_id, _) in enumerate(people):
        for each in range(2 if number % 2 == 0 else 1):
            values = {"total": f"{number}.{each}0", "paid": each == 0, "address": f"{number} High Street"}
            rows.append(NewRow(values, customer_id=customer_id))
    return samples.add(platform, rows, "order")


@pytest.fixture
def desk(app, platform):
    return bearer(app, register(platform, "desk", "care_desk", "care_orders"))


def test_each_row_comes_with_its_children(app, desk, orders, people):
    answer = call(app, "GET", "/views/care_desk?select=customer_id,orders(total,address)&limit=3", desk)
    assert answer.status == 200
    for row in answer.json:
        number = [customer_id for customer_id, _ in people].index(row["customer_id"])
        assert len(row["orders"]) == (2 if number % 2 == 0 else 1)
        assert {each["total"].split(".")[0] for each in row["orders"]} == {str(number)}
        assert {each["address"] for each in row["orders"]} == {f"{number}***"}
    assert answer.header("cdp-columns") == "customer_id=clear, orders.total=clear, orders.address=masked"


@pytest.mark.parametrize("name", ["orders", "order", "care_orders"])
def test_a_child_has_three_names(app, desk, orders, name):
    answer = call(app, "GET", f"/views/care_desk?select=*,{name}(*)", desk)
    assert answer.status == 200
    assert {len(row[name]) for row in answer.json} == {1, 2}
    assert list(answer.json[0][name][0]) == ["customer_id", "order_id", "placed_at", "total", "paid", "address"]


def test_a_child_takes_conditions_and_an_order(app, desk, orders):
    target = "/views/care_desk?select=customer_id,orders(total)&orders.paid=is.true&orders.order=total.desc"
    assert {len(row["orders"]) for row in call(app, "GET", target, desk).json} == {1}
    target = "/views/care_desk?select=customer_id,orders(total)&orders.order=total.desc"
    for row in call(app, "GET", target, desk).json:
        totals = [float(each["total"]) for each in row["orders"]]
        assert totals == sorted(totals, reverse=True)
    none = call(
        app, "GET", "/views/care_desk?select=customer_id,orders(total)&orders.or=(total.gt.99,paid.is.null)", desk
    )
    assert {len(row["orders"]) for row in none.json} == {0}


def test_each_has_its_own_entry(app, desk, orders, platform):
    call(app, "GET", "/views/care_desk?select=customer_id,orders(total)", desk)
    last = World(platform).entries()[-2:]
    assert [(each["view"], each["rows"], each["fields"]) for each in last] == [
        ("care_desk", 12, [["customer_id", "clear"]]),
        ("care_orders", 18, [["total", "clear"]]),
    ]


def test_children_come_with_every_chunk_and_in_every_form(app, desk, orders, monkeypatch):
    target = "/views/care_desk?select=customer_id,orders(total)"
    whole = call(app, "GET", target, desk).json
    monkeypatch.setattr(run, "CHUNK_ROWS", 5)
    assert call(app, "GET", target, desk).json == whole
    for form in ("csv", "ndjson", "arrow", "parquet"):
        assert call(app, "GET", f"{target}&format={form}", desk).whole
    one = {**desk, "accept": "application/vnd.pgrst.object+json"}
    assert call(app, "GET", f"{target}&customer_id=eq.{whole[0]['customer_id']}", one).json == whole[0]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_what_is_no_child_is_a_column_that_is_not_there(app, desk, orders, platform):
    absent = call(app, "GET", "/views/care_desk?select=nosuch", desk)
    assert (absent.status, absent.json["code"]) == (400, "unknown_column")
    for name in ("nosuch", "acme_orders", "acme_share", "care_desk", "email", "customer", "privacy_office", "x" * 300):
        assert call(app, "GET", f"/views/care_desk?select={name}(*)", desk) == absent
        assert call(app, "GET", f"/views/care_desk?select=*,{name}(nosuch)", desk) == absent
    assert call(app, "GET", "/views/care_orders?select=customer(*)", desk).json["code"] == "unknown_column"
    alone = bearer(app, register(platform, "alone", "care_desk"))
    assert call(app, "GET", "/views/care_desk?select=orders(*)", alone) == absent
    hidden = call(app, "GET", "/views/care_desk?select=orders(customer_id,religion)", desk)
    assert hidden.body == call(app, "GET", "/views/care_desk?select=orders(nosuch)", desk).body
    for bad in ("orders(", "orders(*", "orders*)", "a(b(c(d(*))))", "orders(*),orders(*)", "*,loyalty,orders(*)"):
        answer = call(app, "GET", f"/views/care_desk?select={bad}", desk)
        assert (answer.status, answer.json["code"]) == (400, "bad_select"), bad
    for bad in ("orders.total=eq.1", "select=orders(*)&orders.limit=1", "select=orders(*)&order.total=eq.1"):
        assert call(app, "GET", f"/views/care_desk?{bad}", desk).status == 400


def test_a_recipient_gets_children_under_tokens_and_no_refusal_shows(app, platform, orders, people):
    share = bearer(app, register(platform, "acme", "acme_share", "acme_orders"))
    answer = call(app, "GET", "/views/acme_share?select=token,full_name,orders(token,total)", share)
    assert sum(len(row["orders"]) for row in answer.json) == 18
    ids = {customer_id for customer_id, _ in people}
    for row in answer.json:
        assert {each["token"] for each in row["orders"]} == {row["token"]}
        assert row["token"] not in ids


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_policy_that_takes_the_child_away_takes_it_at_once(app, desk, orders, platform):
    target = "/views/care_desk?select=customer_id,orders(total)"
    assert call(app, "GET", target, desk).status == 200
    text = samples.POLICY_TEXT.replace(
        "entity: order, purpose: service", "entity: order, purpose: privacy_administration"
    )
    publish_policy(platform, samples.policy(text), principal=samples.TESTER)
    answer = call(app, "GET", target, desk)
    assert (answer.status, answer.json["code"]) == (400, "unknown_column")
