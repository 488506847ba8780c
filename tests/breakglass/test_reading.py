"""Reading by a grant, and everything that is no grant: one answer, an entry, and not a row."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from audit.entries import timestamp
from cdp.bootstrap import Platform
from cdp.errors import CdpError, NotFound, Refused
from cdp.services.breakglass.decide import end
from cdp.services.breakglass.reading import _Reader, read_opened
from cdp.services.publish import publish_policy
from cdp.services.read import plan_view, read_view
from cdp.services.staff.invite import disable_staff
from tests import samples
from tests.breakglass.conftest import POLICY, WHY, Desk, as_officer, entries, later
from views.conditions import Comparison, Op
from views.request import ViewRequest
from views.run import ViewReading


def refused(read: Callable[[], object]) -> str:
    with pytest.raises(CdpError) as caught:
        read()
    return caught.value.code


def test_while_it_stands_she_is_read_in_full_and_each_read_names_the_grant(desk: Desk, platform: Platform) -> None:
    grant_id = desk.granted()
    ((_, *values),) = desk.read(grant_id)
    assert values == ["Ann Number0", "ann0@example.org", "1950-03-02", "90107", 0, "creed 0", "silver"]
    *_, use, read = entries(platform)
    assert (use["act"], use["step"], use["break_glass"]) == ("break_glass", "use", grant_id)
    assert (read["act"], read["view"], read["principal"], read["role"]) == (
        "read",
        "privacy_office",
        "staff:sue",
        "support",
    )
    assert (read["break_glass"], read["customers"], "reason" in read) == (grant_id, 1, True)


def test_without_a_grant_the_view_is_not_for_her(desk: Desk, platform: Platform) -> None:
    request = ViewRequest("privacy_office", "support", reason=WHY)
    assert refused(lambda: read_view(platform, request, principal=desk.sue.principal)) == "not_permitted"
    asked = desk.ask()
    assert refused(lambda: desk.read(asked)) == "grant_needed"


def test_a_plan_for_a_grant_is_not_read_by_whoever_asks_nobody(desk: Desk, platform: Platform) -> None:
    by_grant = ViewRequest("privacy_office", "support", reason=WHY, break_glass=desk.granted())
    plan = plan_view(platform, by_grant, principal=desk.sue.principal)
    with pytest.raises(Refused, match="no grant"):
        ViewReading(plan, vault=platform.vault, dialect=platform.door.dialect)
    assert refused(lambda: read_view(platform, by_grant, principal=desk.sue.principal)) == "grant_needed"
    other_role = replace(by_grant, role="agent")
    assert refused(lambda: plan_view(platform, other_role, principal=desk.sue.principal)) == "not_permitted"


def test_rows_about_somebody_else_do_not_leave_by_a_grant_that_stands(desk: Desk, platform: Platform) -> None:
    grant_id = desk.granted()
    desk.read(grant_id)
    reader = _Reader(platform, platform.in_force(), desk.sue, grant_id, desk.ann, None)
    wide = ViewRequest("privacy_office", "support", reason=WHY, break_glass=grant_id)
    other = replace(wide, where=(Comparison("customer_id", Op.EQ, (desk.bob,)),))
    for request in (wide, other):
        plan = plan_view(platform, request, principal=desk.sue.principal)
        reading = ViewReading(
            plan, vault=platform.vault, dialect=platform.door.dialect,
            held=lambda conn, subjects: reader.held("privacy_office", conn, subjects),
        )  # fmt: skip
        assert (
            refused(lambda reading=reading: list(platform.door.disclose(reading, desk.sue.principal))) == "grant_needed"
        )


@pytest.mark.parametrize("attack", ["bob", "nobody", "expired", "ended", "other", "unknown", "disabled", "undeclared"])
def test_what_is_no_grant_gives_one_answer_and_no_row(desk: Desk, platform: Platform, attack: str) -> None:
    grant_id, customer, account, now = desk.granted(), desk.ann, desk.sue, None
    desk.read(grant_id)
    match attack:
        case "bob":
            customer = desk.bob
        case "nobody":
            customer = "no-such-id"
        case "expired":
            now = later(minutes=30, seconds=1)
        case "ended":
            end(platform, grant_id, officer=as_officer(desk.iris))
        case "other":
            account = desk.olga
        case "unknown":
            grant_id = "00000000-0000-0000-0000-000000000000"
        case "disabled":
            disable_staff(platform, "sue", principal=samples.TESTER)
        case "undeclared":
            without = samples.policy(POLICY.replace("break_glass: [support, second_officer]", "break_glass: [auditor]"))
            publish_policy(platform, without, principal=samples.TESTER)
    before = len(entries(platform))
    code = refused(lambda: read_opened(platform, account, grant_id, customer, now=now))
    assert code == ("not_permitted" if attack == "undeclared" else "grant_needed")
    after = entries(platform)[before:]
    assert [each for each in after if each["what"] == "disclosure"] == []
    assert after[-1]["what"] == "refusal"


def test_a_clock_that_is_put_back_lets_nothing_begin_again(
    desk: Desk, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant_id = desk.granted()
    over = later(minutes=31)
    monkeypatch.setattr("audit.append.timestamp", lambda: timestamp(over))
    desk.ask()  # something is on the log at a time when the grant was over
    monkeypatch.undo()
    assert refused(lambda: desk.read(grant_id)) == "grant_needed"


def test_a_grant_that_ends_while_it_is_read_gives_no_row(
    desk: Desk, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the first look and before the rows: only the second look can see it. On SQLite nothing fits between."""
    grant_id = desk.granted()
    whole = ViewReading._read

    def ended(self: ViewReading, conn: object, position: object) -> object:
        if platform.door.dialect == "postgresql":
            end(platform, grant_id, officer=as_officer(desk.iris))
        return whole(self, conn, position)

    monkeypatch.setattr(ViewReading, "_read", ended)
    if platform.door.dialect == "postgresql":
        assert refused(lambda: desk.read(grant_id)) == "grant_needed"
    else:
        assert len(desk.read(grant_id)) == 1


def test_a_small_set_is_asked_for_together_and_read_one_by_one(desk: Desk, platform: Platform) -> None:
    grant_id = desk.ask(desk.ann, desk.bob, "email:ann0@example.org")
    desk.grant(grant_id)
    assert desk.of(grant_id).customers == 2
    assert desk.read(grant_id, desk.bob)[0][1] == "Ann Number1"
    assert refused(lambda: desk.ask(*(f"email:ann{number}@example.org" for number in range(6)))) == "bad_customers"


def test_who_may_not_ask(desk: Desk, platform: Platform) -> None:
    assert refused(lambda: desk.ask(by=desk.iris)) == "not_permitted"  # she reads the view anyway
    assert refused(lambda: desk.ask(minutes=61)) == "bad_duration"
    assert refused(lambda: desk.ask("email:nobody@example.org")) == "unknown_customer"
    asked = samples.policy(POLICY.replace(", break_glass: [support, second_officer]", ""))
    publish_policy(platform, asked, principal=samples.TESTER)
    assert refused(desk.ask) == "not_permitted"
    assert entries(platform)[-1]["code"] == "not_permitted"


def test_nobody_opens_or_grants_what_is_about_herself(desk: Desk, platform: Platform) -> None:
    from cdp.services.breakglass.ask import Asked, ask
    from cdp.services.breakglass.decide import grant

    herself = as_officer(desk.sue, desk.ann)
    assert refused(lambda: ask(platform, desk.sue, Asked((desk.ann,), 5, WHY), officer=herself)) == "own_request"
    asked = desk.ask()
    herself = as_officer(desk.olga, desk.ann)
    assert refused(lambda: grant(platform, asked, officer=herself, revision=1)) == "own_request"


def test_who_is_erased_goes_with_all_that_was_said(desk: Desk, platform: Platform) -> None:
    from cdp.services.breakglass.look import read_grant
    from cdp.services.erase import erase

    grant_id = desk.granted()
    desk.read(grant_id)
    erase(platform, [desk.ann], principal=samples.TESTER, reason="she asked")
    assert read_grant(platform, grant_id, principal=desk.iris.principal).people == []
    assert refused(lambda: desk.read(grant_id)) == "grant_needed"
    with pytest.raises(NotFound):
        desk.ask(desk.ann)
