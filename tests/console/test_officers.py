"""Who decides is known with the customer that she is herself, so that she cannot decide about her own requests."""

import pytest

from cdp.bootstrap import Platform
from cdp.services.staff.invite import add_staff
from cdp.services.staff.officers import as_officer
from tests import samples


@pytest.mark.parametrize(("address", "is_customer"), [("Ann1@example.org", True), ("iris@corp.example", False)])
def test_an_officer_is_known_as_the_customer_that_she_is(platform: Platform, address: str, is_customer: bool) -> None:
    people = samples.add_people(platform, 3)
    made = add_staff(platform, "iris", role="privacy_officer", address=address, principal=samples.TESTER)
    officer = as_officer(platform, made.account)
    assert officer.principal.name == "staff:iris"
    assert officer.customer_id == (people[1].customer_id if is_customer else None)
