"""Which person a read names, for her quota: in every spelling."""

import pytest

from cdp.api.reading.persons import persons_of
from views.conditions import parse_conditions
from views.request import ViewRequest


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", "eq.ann@x.org"), ("email", "in.(ann@x.org)"), ("email", "not.eq.ann@x.org"),
        ("and", "(email.eq.ann@x.org)"), ("or", '(email.is.null,and(email.in.("ann@x.org")))'),
        ("not.or", "(email.neq.b@x.org,email.eq.ann@x.org)"), ("customer_id", "in.(ann@x.org,ann@x.org)"),
    ],
)  # fmt: skip
def test_a_person_is_named_in_every_spelling(platform, name, value):
    request = ViewRequest("newsletter", "", where=parse_conditions([(name, value)]))
    assert list(persons_of(platform.in_force(), request)) == ["ann@x.org"]


@pytest.mark.parametrize("column", ["full_name", "health", "nothing"])
def test_what_the_view_does_not_show_names_nobody(platform, column):
    request = ViewRequest("newsletter", "", where=parse_conditions([(column, "eq.ann@x.org")]))
    assert list(persons_of(platform.in_force(), request)) == []
