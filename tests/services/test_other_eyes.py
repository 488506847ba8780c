"""See-as for officers: just what the other reader gets, and never more than the officer's own role is shown."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.entries import HERSELF
from cdp.bootstrap import Platform, create_platform
from cdp.errors import CdpError
from cdp.services.opt_out import refuse
from cdp.services.other_eyes import Eyes, look_as
from cdp.services.publish import initialise
from cdp.services.staff.accounts import Account
from cdp.services.who_saw import Audience, who_saw
from cdp.store.records import Stored
from tests import samples
from tests.breakglass.conftest import entries
from tests.portal.conftest import POLICY as PORTAL

POLICY = PORTAL.replace("roles: [agent,", "roles: [support, second_officer, agent,").replace(
    "views:\n",
    "views:\n  help: {kind: standard, purpose: service, roles: [support], fields: [full_name, postcode]}\n",
    1,
)
WHY = "a test of what they see"


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with create_platform(samples.settings(tmp_path / "home", database_url, keys_url)) as opened:
        initialise(opened, samples.catalogue(), samples.policy(POLICY), principal=samples.TESTER)
        yield opened


@pytest.fixture
def people(platform: Platform) -> list[Stored]:
    return samples.add_people_and_an_order(platform, 3)


def account(role: str) -> Account:
    return Account("id", "iris", role, "", "", None, welcomed=True)


def see(platform: Platform, customer: str, view: str, role: str = "privacy_officer") -> Eyes:
    return look_as(platform, account(role), customer, [view], reason=WHY)[1][0]


def refused(platform: Platform, *args: str, **more: str) -> str:
    customer, *views = args
    who = account(more.get("role", "privacy_officer"))
    with pytest.raises(CdpError) as caught:
        look_as(platform, who, customer, views, reason=more.get("reason", WHY))
    return caught.value.code


@pytest.mark.parametrize("view", ["care_desk", "newsletter", "privacy_office", "acme_share", "help"])
@pytest.mark.parametrize("refuses", ["", "third_party_disclosure", "direct_marketing", "sensitive_data"])
def test_who_sees_everything_sees_just_what_they_get(
    platform: Platform, people: list[Stored], view: str, refuses: str
) -> None:
    ann = people[0].customer_id
    if refuses:
        refuse(platform, ann, refuses, principal=samples.TESTER, word="she said so")
    role = "support" if view == "help" else ""
    rows = samples.rows_of(platform, view, role=role)
    fields = [each.field for each in see(platform, ann, view).sight.columns]
    theirs = [row[1:] for row in rows if view == "acme_share" or row[0] == ann]
    found = see(platform, ann, view)
    mine = [tuple(row.get(name) for name in fields) for row in found.sight.rows]
    if view == "acme_share":  # by pseudonym: hers is among theirs
        assert mine[0] in theirs
        assert (mine[0][0] is None) == (refuses == "third_party_disclosure")
    else:
        assert mine == theirs
        assert bool(mine) == (view != "newsletter" or refuses != "direct_marketing")
    assert found.kept_back == frozenset()


def test_who_sees_little_sees_no_more_by_the_eyes_of_others_and_nothing_more_is_fetched(
    platform: Platform, people: list[Stored]
) -> None:
    ann = people[0].customer_id
    for view, kept_back, shown in (
        ("newsletter", {"email", "full_name"}, {}),
        ("acme_share", {"full_name", "postcode", "income"}, {}),
        ("privacy_office", {"full_name", "email", "birth_date", "postcode", "income", "religion", "loyalty"}, {}),
        ("care_desk", {"full_name", "email", "birth_date", "income", "loyalty"}, {"postcode": "90*"}),
        ("help", set(), {"full_name": "A. N.", "postcode": "90*"}),
    ):
        before = len(entries(platform))
        found = see(platform, ann, view, "support")
        assert found.kept_back == kept_back, view
        values = [{name: row[name] for name in row if name != "customer_id"} for row in found.sight.rows]
        assert values == ([shown] if shown else []), view
        looks = [each for each in entries(platform)[before:] if each["act"] == "see_as"]
        fetched = {name for each in looks for name, *_ in each["fields"]}
        assert fetched - {"customer_id"} == shown.keys(), view


def test_of_a_release_she_sees_what_it_would_say_and_not_how_many_are_alike(
    platform: Platform, people: list[Stored]
) -> None:
    found = see(platform, people[0].customer_id, "insight")
    (row,) = found.sight.rows
    assert row == {"birth_date": "1950-1959", "postcode": "90*", "income": "0-9999", "loyalty": "silver"}
    assert found.sight.alike is None
    assert see(platform, people[0].customer_id, "insight", "support").sight.rows == [{"postcode": "90*"}]


def test_another_entity_needs_a_view_of_that_entity(platform: Platform, people: list[Stored]) -> None:
    found = see(platform, people[0].customer_id, "care_orders")
    assert found.through is None
    assert found.sight.rows == ()
    assert found.kept_back == {"placed_at", "total", "paid", "address"}


def test_what_she_did_is_on_the_log_in_her_name_with_her_reason_and_for_the_customer_to_see(
    platform: Platform, people: list[Stored]
) -> None:
    see(platform, "email:ann0@example.org", "newsletter")
    known, own, theirs = entries(platform)[-3:]
    assert (known["act"], own["act"], theirs["act"]) == ("read_known", "read", "see_as")
    assert (own["view"], own["role"], theirs["view"], theirs["role"]) == (
        "privacy_office", "privacy_officer", "newsletter", "privacy_officer"
    )  # fmt: skip
    assert (theirs["as"], theirs["principal"], theirs["customers"]) == ("newsletter_app", "staff:iris", 1)
    told = who_saw(platform, people[0].customer_id, principal=HERSELF, audience=Audience.PERSON)
    assert [(each.act, each.reason) for each in told if each.view][:2] == [("see_as", WHY), ("read", WHY)]


def test_who_may_not(platform: Platform, people: list[Stored]) -> None:
    ann = people[0].customer_id
    assert refused(platform, ann, "newsletter", role="second_officer") == "not_permitted"
    assert (entries(platform)[-1]["what"], entries(platform)[-1]["act"]) == ("refusal", "see_as")
    assert refused(platform, ann, "my_data") == "unknown_view"
    assert refused(platform, ann, "ghost") == "unknown_view"
    assert refused(platform, "no-such-id", "newsletter") == "unknown_customer"
    assert refused(platform, ann, "newsletter", reason="  ") == "text_needed"
