"""Corrections side by side through a view of the role, and the harmless ones approved together."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from audit.entries import Principal
from cdp.bootstrap import Platform, create_platform
from cdp.services.corrections import together
from cdp.services.corrections.compare import compare
from cdp.services.corrections.decide import approve_field, reject_field
from cdp.services.corrections.propose import Proposal, Proposed, amend, propose
from cdp.services.corrections.records import Place
from cdp.services.corrections.together import Chosen, approve_together, list_safe, list_waiting_corrections
from cdp.services.publish import initialise
from cdp.services.requests.officer import Officer
from cdp.services.requests.queue import Wanted
from cdp.store.records import Stored
from tests import samples
from tests.portal.conftest import POLICY
from tests.requests.test_requests import code_of, entries

CATALOGUE = samples.CATALOGUE_TEXT.replace("prefix, keep: 2, quasi", "prefix, keep: 2, self_service: direct, quasi")
IRIS = Officer(Principal("staff:iris", "privacy_officer"))
AGENT = Principal("staff:sam", "agent")
STAFF = Principal("os:desk")
NOW = datetime.now(UTC)


@pytest.fixture
def platform(tmp_path: Path, database_url: str, keys_url: str) -> Iterator[Platform]:
    with create_platform(samples.settings(tmp_path / "home", database_url, keys_url)) as opened:
        initialise(opened, samples.catalogue(CATALOGUE), samples.policy(POLICY), principal=samples.TESTER)
        yield opened


@pytest.fixture
def people(platform: Platform) -> list[Stored]:
    return samples.add_people(platform, 4)


def wrong(platform: Platform, person: Stored, *fields: tuple[str, str], by: Principal = STAFF) -> str:
    return propose(platform, person.customer_id, Proposal([Proposed(*each) for each in fields]), principal=by)


def test_both_values_come_through_a_view_of_the_role_with_the_reason(platform: Platform, people: list[Stored]) -> None:
    samples.rows_of(platform, "newsletter")
    request_id = wrong(platform, people[0], ("email", "new@example.org"), ("religion", "none of yours"))
    found = {each.place.field: each for each in compare(platform, request_id, principal=IRIS.principal).fields}
    email = found["email"]
    assert (email.shown.stored, email.shown.correction.new) == ("ann0@example.org", "new@example.org")
    assert (email.view.name, list(email.recipients), email.safe) == ("privacy_office", [], False)
    read = [each for each in entries(platform) if each["act"] == "read" and each["principal"] == "staff:iris"]
    assert [(each["view"], each["customers"]) for each in read] == [("privacy_office", 1)]
    assert request_id not in str(read)
    assert "new@example.org" not in str(entries(platform))


def test_who_may_not_see_a_field_gets_neither_value_nor_digest(platform: Platform, people: list[Stored]) -> None:
    request_id = wrong(platform, people[0], ("full_name", "Anna"), ("email", "new@example.org"), ("income", "77"))
    found = {each.place.field: each for each in compare(platform, request_id, principal=AGENT).fields}
    assert found["full_name"].shown.correction.new == "Anna"
    for hidden in ("email", "income"):
        shown = found[hidden].shown
        assert (shown.stored, shown.correction.old, shown.correction.new, shown.seen) == (None, None, None, "")
        officer = Officer(AGENT)
        for step in (approve_field, reject_field):
            code = code_of(step, platform, request_id, Place(hidden), seen=shown.seen, officer=officer, reason="so")
            assert code == "stale_approval"


def test_what_was_amended_since_is_neither_approved_nor_rejected(platform: Platform, people: list[Stored]) -> None:
    her = people[0].customer_id
    request_id = propose(platform, her, Proposal([Proposed("loyalty", "gold")]))
    seen = compare(platform, request_id, principal=IRIS.principal).fields[0].shown.seen
    amend(platform, her, request_id, Proposed("loyalty", "none"))
    for step in (approve_field, reject_field):
        assert code_of(step, platform, request_id, Place("loyalty"), seen=seen, officer=IRIS, reason="x") == (
            "stale_approval"
        )


def test_the_harmless_are_what_the_catalogue_says_and_each_is_looked_at_again(
    platform: Platform, people: list[Stored]
) -> None:
    ann, ben, cid, dot = people
    first = wrong(platform, ann, ("loyalty", "gold"), ("postcode", "94999"), ("email", "x@example.org"))
    second = wrong(platform, ben, ("loyalty", "none"))
    wrong(platform, cid, ("religion", "another"), ("full_name", "Other"), ("income", "3"))
    own = wrong(platform, dot, ("loyalty", "none"), by=IRIS.principal)
    found, further = list_safe(platform, officer=IRIS, now=NOW)
    chosen = [Chosen(wish.request_id, each.place, each.shown.seen) for wish, each in found]
    assert [(each.request_id, each.place.field) for each in chosen] == [
        (first, "loyalty"), (first, "postcode"), (second, "loyalty"),
    ]  # fmt: skip
    assert further == ""
    with pytest.raises(Exception, match="from 1 to 20"):
        approve_together(platform, [], officer=IRIS)
    seen = compare(platform, first, principal=IRIS.principal).fields
    unsafe = next(each for each in seen if each.place.field == "email")
    wrong_one = Chosen(first, unsafe.place, unsafe.shown.seen)
    mine = compare(platform, own, principal=IRIS.principal).fields[0]
    stale = Chosen(second, Place("loyalty"), "0" * 32)
    outcomes = approve_together(
        platform, [*chosen[:2], stale, wrong_one, Chosen(own, mine.place, mine.shown.seen)], officer=IRIS
    )
    assert [each.error and each.error.code for each in outcomes] == [
        None, None, "stale_approval", "not_safe", "own_request",
    ]  # fmt: skip
    row = {each[0]: each for each in samples.rows_of(platform, "privacy_office")}[ann.customer_id]
    assert (row[4], row[7], row[2]) == ("94999", "gold", "ann0@example.org")


def test_safe_ones_are_paged_and_none_is_lost(
    platform: Platform, people: list[Stored], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "MOST", 2)
    ids = [wrong(platform, each, ("loyalty", "none"), ("postcode", "94000")) for each in people[:2]]
    ids.append(wrong(platform, people[2], ("loyalty", "none")))
    found, after = list_safe(platform, officer=IRIS, now=NOW)
    seen = [wish.request_id for wish, _ in found]
    while after:
        found, after = list_safe(platform, officer=IRIS, now=NOW, after=after)
        seen += [wish.request_id for wish, _ in found]
    assert seen == [ids[0]] * 2 + [ids[1]] * 2 + [ids[2]]
    page, fields = list_waiting_corrections(platform, Wanted(limit=2), principal=IRIS.principal, now=NOW)
    assert [each.request_id for each in page.requests] == ids[:2]
    assert [each.field for each in fields[ids[0]]] == ["loyalty", "postcode"]
