"""The page of recipients: what the policy gives, what was agreed, and text that stays text."""

from datetime import UTC, date, datetime, timedelta

import pytest

from cdp.bootstrap import Platform
from cdp.services.recipients.agree import Terms, agree
from cdp.services.recipients.known import list_agreements
from tests import samples
from tests.console.conftest import Colleague, entries
from tests.portal.visitor import text

PAGE = "/console/recipients"
ODD = "<script>alert(1)</script>\"'&{{7*7}}"
TERMS = Terms("acme", ODD, ["full_name", "postcode"], ["disclosure"], date(2026, 1, 1), None, ODD)

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


def test_an_agreement_is_kept_compared_and_ended(iris: Colleague, platform: Platform) -> None:
    assert "nothing was agreed" in text(iris.get(PAGE))
    form = {"recipient": "acme", "contact": "Dana", "since": "2026-01-01", "until": "", "purpose_disclosure": "yes"}
    fields = ("customer.full_name", "customer.postcode", "customer.income", "order.total", "order.paid")
    answer = iris.press(PAGE, PAGE, **form, **{f"field_{each}": "yes" for each in fields[:3]})
    assert answer.header("location") == f"{PAGE}?name=acme&done=agreed"
    page = text(iris.get(f"{PAGE}?name=acme"))
    assert "gets more than was agreed" in page
    assert "Not agreed Total, Paid" in page
    iris.press(PAGE, PAGE, **form, **{f"field_{each}": "yes" for each in fields})
    assert "as agreed" in text(iris.get(PAGE))
    for each in list_agreements(platform):
        iris.press(f"{PAGE}?name=acme", f"{PAGE}/end", agreement=str(each.agreement))
    assert "past its end" in text(iris.get(PAGE))
    acts = [each["act"] for each in entries(platform)]
    assert (acts.count("agreement_made"), acts.count("agreement_ended")) == (2, 2)


def test_who_is_past_the_end_stands_on_the_first_page(iris: Colleague, platform: Platform) -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=2)
    agree(platform, Terms("acme", "Dana", ["income"], ["disclosure"], yesterday, yesterday), principal=samples.TESTER)
    assert "past its end" in text(iris.get(PAGE))
    assert "1 Recipients without an agreement" in text(iris.get("/console"))


def test_what_is_wrong_is_said_and_what_was_typed_stays(iris: Colleague) -> None:
    answer = iris.press(PAGE, PAGE, recipient="acme", contact="Dana of Acme", since="2026-01-01", until="")
    assert (answer.status, "Choose at least one field and one purpose." in text(answer)) == (400, True)
    assert 'value="Dana of Acme"' in answer.body.decode()
    assert iris.press(PAGE, PAGE, recipient="acme", contact="D", since="tomorrow").status == 400
    assert iris.get(f"{PAGE}?name=ghost").status == 404
    assert iris.press(PAGE, f"{PAGE}/end", agreement="99").status == 404


def test_what_somebody_typed_comes_out_as_text(iris: Colleague, platform: Platform) -> None:
    agree(platform, TERMS, principal=samples.TESTER)
    page = iris.get(f"{PAGE}?name=acme").body.decode()
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)") == 3
    assert "{{7*7}}" in page
