"""Which person a read names, for her quota: in every spelling."""

from dataclasses import replace

import pytest

from cdp.api.reading.persons import persons_of
from cdp.api.traffic.buckets import Buckets
from cdp.api.traffic.limits import Limits
from tests.api.apps import bearer, register
from tests.api.calling import call
from views.conditions import parse_conditions
from views.request import ViewRequest


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", "eq.ann@x.org"), ("email", "in.(ann@x.org)"), ("email", "not.eq.ann@x.org"),
        ("and", "(email.eq.ann@x.org)"), ("or", '(email.is.null,and(email.in.("ann@x.org")))'),
        ("not.or", "(email.neq.b@x.org,email.eq.ann@x.org)"), ("customer_id", "in.(ann@x.org,ann@x.org)"),
        ("email", "like.ann@x.org"), ("email", "ilike.ann@x.org"),
    ],
)  # fmt: skip
def test_a_person_is_named_in_every_spelling(platform, name, value):
    request = ViewRequest("newsletter", "", where=parse_conditions([(name, value)]))
    assert list(persons_of(platform.in_force(), request)) == ["ann@x.org"]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_condition_on_a_child_names_a_person_too(app, platform, tmp_path):
    limits = Limits(Buckets(tmp_path / "few", b"s" * 32), {"subject": 2})
    app.state.traffic = replace(app.state.traffic, limits=limits)
    desk = bearer(app, register(platform, "desk", "care_desk", "care_orders"))
    for child in ("orders.customer_id=eq.ann", "orders.and=(order_id.in.(eve))"):
        target = f"/views/care_desk?select=customer_id,orders(order_id)&{child}"
        assert [call(app, "GET", target, desk).status for _ in range(3)] == [200, 200, 429], child
    alone = [call(app, "GET", "/views/care_orders?order_id=eq.x", desk).status for _ in range(3)]
    assert alone == [200, 200, 429], "the id of a row names the person whose it is"


def test_an_id_that_the_view_does_not_show_names_nobody(platform):
    request = ViewRequest("acme_share", "", where=parse_conditions([("customer_id", "eq.x"), ("token", "eq.y")]))
    assert list(persons_of(platform.in_force(), request)) == ["y"]
    many = ViewRequest("newsletter", "", where=parse_conditions([("email", "like.ann*"), ("email", "neq.ann@x.org")]))
    assert list(persons_of(platform.in_force(), many)) == []


@pytest.mark.parametrize("column", ["full_name", "health", "nothing"])
def test_what_the_view_does_not_show_names_nobody(platform, column):
    request = ViewRequest("newsletter", "", where=parse_conditions([(column, "eq.ann@x.org")]))
    assert list(persons_of(platform.in_force(), request)) == []
