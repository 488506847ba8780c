"""Corrections: checked at once, looked at by somebody else, stale and edited ones refused, written, told."""

import pytest

from audit.entries import HERSELF, Principal
from cdp.bootstrap import Platform
from cdp.errors import Several
from cdp.services.corrections.decide import approve_field, reject_field
from cdp.services.corrections.fields import check_value
from cdp.services.corrections.propose import Proposal, Proposed, amend, propose
from cdp.services.corrections.read import list_corrections, own_corrections, read_correction
from cdp.services.corrections.records import Place
from cdp.services.notices import list_notices, mark_told
from cdp.services.requests.attachments import MAX_BYTES, Upload, read_attachment
from cdp.services.requests.officer import Officer
from cdp.services.requests.read import own_request
from cdp.services.requests.states import State
from cdp.services.requests.steps import pause, reject, resume, withdraw
from cdp.services.verify_log import verify_log
from cdp.store.records import Stored
from cdp.store.write import NewRow
from tests import samples
from tests.requests.conftest import OFFICER, OTHER, ask
from tests.requests.test_requests import code_of, entries
from tests.samples import TESTER


def correct(platform: Platform, customer_id: str, *fields: tuple[str, str], **more: object) -> str:
    return propose(platform, customer_id, Proposal([Proposed(*each) for each in fields], **more))


def seen(platform: Platform, request_id: str, field: str) -> str:
    shown = read_correction(platform, request_id, principal=TESTER)
    return next(each.seen for each in shown.fields if each.correction.place.field == field)


def approve(platform: Platform, request_id: str, field: str, *, officer: Officer = OFFICER, digest: str = "") -> object:
    digest = digest or seen(platform, request_id, field)
    return approve_field(platform, request_id, Place(field), seen=digest, officer=officer)


def value(platform: Platform, customer_id: str, column: int) -> object:
    rows = {row[0]: row for row in samples.rows_of(platform, "privacy_office")}
    return rows[customer_id][column]


def test_field_by_field_with_outcome_and_reason(platform: Platform, ann: str) -> None:
    request_id = correct(platform, ann, ("full_name", "Ann Ł. Numéro"), ("income", "12000"), reason="I married")
    assert value(platform, ann, 1) == "Ann Number0"
    approve(platform, request_id, "full_name")
    assert value(platform, ann, 1) == "Ann Ł. Numéro"
    assert own_request(platform, ann, request_id).request.state is State.RECEIVED
    reject_field(platform, request_id, Place("income"), officer=OTHER, reason="we need a pay slip")
    detail = own_request(platform, ann, request_id)
    assert detail.request.state is State.DONE
    assert [each.step for each in detail.steps] == ["file", "approve_field", "reject_field", "approve"]
    assert "income: we need a pay slip" in detail.letters[-1].text
    told = {each.place.field: (each.state, each.reason) for each in own_corrections(platform, ann, request_id)}
    assert told == {"full_name": ("applied", ""), "income": ("rejected", "we need a pay slip")}
    assert list_corrections(platform, principal=TESTER) == []
    assert not any("Num" in str(each) or "12000" in str(each) for each in entries(platform))
    verify_log(platform)


def test_what_cannot_be_is_refused_before_anything_is_filed(platform: Platform, ann: str) -> None:
    for field, text, code in (
        ("income", "much", "bad_values"), ("birth_date", "1899-13-40", "bad_values"),
        ("birth_date", "2999-01-01", "bad_values"), ("email", "no address", "bad_values"),
        ("email", "a@b@c", "bad_values"), ("loyalty", "platinum", "bad_values"), ("full_name", "a\0b", "bad_values"),
        ("no_such", "x", "no_such_field"), ("customer_id", "x", "no_such_field"), ("loyalty", "silver", "same_value"),
    ):  # fmt: skip
        assert code_of(correct, platform, ann, (field, text)) == code, field
    assert code_of(correct, platform, ann) == "fields_needed"
    assert code_of(correct, platform, ann, ("income", "1"), ("income", "2")) == "fields_needed"
    assert list_corrections(platform, principal=TESTER) == []


def test_an_approval_of_what_was_amended_or_changed_since_counts_no_more(platform: Platform, ann: str) -> None:
    request_id = correct(platform, ann, ("income", "12000"))
    first = seen(platform, request_id, "income")
    amend(platform, ann, request_id, Proposed("income", "99000"))
    assert code_of(approve, platform, request_id, "income", digest=first) == "stale_approval"
    second = seen(platform, request_id, "income")
    other = correct(platform, ann, ("postcode", "10999"))
    assert code_of(approve, platform, other, "postcode", digest=second) == "stale_approval"
    with platform._database.writing() as conn:
        conn.exec_driver_sql(f"UPDATE customer SET income = 7 WHERE customer_id = '{ann}'")
    assert code_of(approve, platform, request_id, "income", digest=second) == "stale_approval"
    shown = read_correction(platform, request_id, principal=TESTER).fields[0]
    assert (shown.correction.old, shown.correction.new, shown.stored, shown.changed) == (0, 99000, 7, True)
    approve(platform, request_id, "income")
    assert value(platform, ann, 5) == 99000
    assert code_of(approve, platform, request_id, "income") == "request_state"


def test_nobody_approves_his_own(platform: Platform, people: list[Stored]) -> None:
    ann, ben = people[0].customer_id, people[1].customer_id
    hers = correct(platform, ann, ("income", "1"))
    own = Officer(Principal("staff:ann"), customer_id=ann)
    assert code_of(approve, platform, hers, "income", officer=own) == "own_request"
    proposal = Proposal([Proposed("income", "5")])
    filed = propose(platform, ben, proposal, principal=OFFICER.principal)
    assert code_of(approve, platform, filed, "income") == "own_request"
    assert code_of(reject_field, platform, filed, Place("income"), officer=OFFICER, reason="x") == "own_request"
    approve(platform, filed, "income", officer=OTHER)


def test_a_changed_address_is_told_to_the_old_one_and_the_new_one_signs_her_in(platform: Platform, ann: str) -> None:
    waits = ask(platform, ann)
    request_id = correct(platform, ann, ("email", "ann.new@example.org"))
    approve(platform, request_id, "email")
    [(old, new)] = [
        (each.text, own_request(platform, ann, request_id).letters[-1].text)
        for each in own_request(platform, ann, request_id).letters
        if each.template == "changed"
    ]
    assert "until now" in old
    assert "done" in new
    assert [each[0] for each in samples.rows_of(platform, "privacy_office", ("email", "eq.ann.new@example.org"))] == [
        ann
    ]
    from cdp.services.requests.approve import approve as grant

    assert grant(platform, waits, officer=OFFICER).state is State.DONE  # this change was meant


def test_an_identifier_of_another_is_refused_to_the_officer_alone(platform: Platform, people: list[Stored]) -> None:
    ann = people[0].customer_id
    request_id = correct(platform, ann, ("email", "ANN1@example.org"))
    assert code_of(approve, platform, request_id, "email") == "identifier_taken"
    assert value(platform, ann, 2) == "ann0@example.org"


def test_identity_is_checked_again_when_it_is_applied(platform: Platform, ann: str) -> None:
    request_id = correct(platform, ann, ("income", "3"))
    with platform._database.writing() as conn:
        conn.exec_driver_sql(f"DELETE FROM cdp_identifier WHERE customer_id = '{ann}'")
    assert code_of(approve, platform, request_id, "income") == "identity_changed"
    pause(platform, request_id, officer=OFFICER, reason="who are you")
    assert code_of(approve, platform, request_id, "income") == "request_state"
    resume(platform, request_id, officer=OFFICER)
    approve(platform, request_id, "income")


def test_rows_that_are_hers_and_no_others(platform: Platform, people: list[Stored]) -> None:
    order = {"placed_at": "2026-03-02T10:00:00Z", "total": "12.50", "paid": True, "address": "1 First Street"}
    [row] = samples.add(platform, [NewRow(order, customer_id=people[0].customer_id)], "order")
    ann, ben = people[0].customer_id, people[1].customer_id
    theirs = Proposal([Proposed("address", "2 Second Street", "order", row.row_id)])
    assert code_of(propose, platform, ben, theirs) == "no_such_field"
    assert code_of(propose, platform, ann, Proposal([Proposed("income", "1", row_id=ben)])) == "no_such_field"
    request_id = propose(platform, ann, theirs)
    place = Place("address", "order", row.row_id)
    digest = read_correction(platform, request_id, principal=TESTER).fields[0].seen
    approve_field(platform, request_id, place, seen=digest, officer=OFFICER)
    assert read_correction(platform, request_id, principal=TESTER).fields[0].stored == "2 Second Street"


def test_past_recipients_are_queued_and_nobody_else(platform: Platform, people: list[Stored]) -> None:
    ann, ben = people[0].customer_id, people[1].customer_id
    from cdp.services.opt_out import refuse

    refuse(platform, ben, "third_party_disclosure", principal=TESTER)
    samples.rows_of(platform, "acme_share")
    samples.rows_of(platform, "care_desk")
    for her in (ann, ben):
        request_id = correct(platform, her, ("full_name", "Ann New"), ("loyalty", "gold" if her == ann else "none"))
        approve(platform, request_id, "full_name")
        approve(platform, request_id, "loyalty")
    found = list_notices(platform, principal=TESTER)
    assert [(each.customer_id, each.recipient, each.fields) for each in found] == [
        (ann, "acme", ("customer.full_name",))
    ]
    assert mark_told(platform, [found[0].notice_id], principal=TESTER) == 1
    assert mark_told(platform, [found[0].notice_id], principal=TESTER) == 0
    assert list_notices(platform, principal=TESTER) == []
    assert list_notices(platform, principal=TESTER, everything=True)[0].told_by == TESTER.name
    assert code_of(mark_told, platform, ["nothing"], principal=TESTER) == "unknown_notice"


def test_one_field_waits_once_and_ends_with_its_request(platform: Platform, ann: str) -> None:
    first = correct(platform, ann, ("income", "1"))
    assert code_of(correct, platform, ann, ("income", "2")) == "correction_open"
    withdraw(platform, ann, first)
    assert [each.state for each in own_corrections(platform, ann, first)] == ["withdrawn"]
    second = correct(platform, ann, ("income", "2"))
    reject(platform, second, officer=OFFICER, reason="no")
    assert [each.state for each in own_corrections(platform, ann, second)] == ["rejected"]
    assert code_of(amend, platform, ann, second, Proposed("income", "3")) == "request_state"


@pytest.mark.parametrize(
    ("name", "data", "kept", "type_"),
    [
        ("../../etc/passwd.txt", b"plain", "passwd.txt", "text/plain"),
        ("a\u202egpj.exe", b"\x89PNG\r\n\x1a\nrest", "agpj.exe", "image/png"),
        ("证明 文件.pdf", b"%PDF-1.7 x", "证明_文件.pdf", "application/pdf"),
        ("", b"\xff\xd8\xff", "file", "image/jpeg"),
        ("x" * 500 + ".pdf", b"%PDF-", "x" * 108 + ".pdf", "application/pdf"),
    ],
    ids=["folder", "right to left", "chinese", "nameless", "long"],
)  # fmt: skip
def test_a_file_that_she_adds(platform: Platform, ann: str, name: str, data: bytes, kept: str, type_: str) -> None:
    request_id = correct(platform, ann, ("income", "1"), upload=Upload(name, data))
    [file] = own_request(platform, ann, request_id).attachments
    assert (file.name, file.type, file.size) == (kept, type_, len(data))
    assert read_attachment(platform, request_id, file.attachment_id, principal=TESTER)[1] == data
    assert read_attachment(platform, request_id, file.attachment_id, principal=HERSELF, customer_id=ann)[1] == data
    assert code_of(
        read_attachment, platform, request_id, file.attachment_id, principal=HERSELF, customer_id="x"
    ) == "unknown_request"  # fmt: skip


def test_what_nothing_is_seen_of_is_no_value(platform: Platform) -> None:
    in_force = platform.in_force()
    name = in_force.catalogue.entities["customer"].fields["full_name"]
    assert check_value(in_force, "customer", name, "\u202e\u200b ") is None
    assert check_value(in_force, "customer", name, "\u202eA") == "\u202eA"
    with pytest.raises(Several, match="a required value is missing"):
        check_value(in_force, "customer", name.model_copy(update={"required": True}), "\u202e\u200b ")


def test_what_is_sent_twice_is_one_step_and_one_file(platform: Platform, ann: str) -> None:
    request_id = correct(platform, ann, ("income", "1"), upload=Upload("a.txt", b"why"))
    for text, file in (("1", b"why"), ("2", b"why"), ("2", b"why"), ("2", b"more"), ("2", b"more")):
        amend(platform, ann, request_id, Proposed("income", text), upload=Upload("a.txt", file))
    found = own_request(platform, ann, request_id)
    assert [each.size for each in sorted(found.attachments, key=lambda each: each.size)] == [3, 4]
    assert [each.step for each in found.steps].count("amend") == 2


def test_files_that_are_not_taken(platform: Platform, ann: str) -> None:
    for data, code in (
        (b"", "attachment_empty"), (b"MZ\x90\0", "attachment_type"), (b"\xff\xfe\x00", "attachment_type"),
        (b"x" * (MAX_BYTES + 1), "attachment_too_large"),
    ):  # fmt: skip
        assert code_of(correct, platform, ann, ("income", "1"), upload=Upload("a.pdf", data)) == code
    request_id = correct(platform, ann, ("income", "1"), upload=Upload("a.txt", b"x" * MAX_BYTES))
    assert own_request(platform, ann, request_id).attachments[0].size == MAX_BYTES
    for number in range(2, 6):
        amend(platform, ann, request_id, Proposed("income", str(number)), upload=Upload("b.txt", b"%d" % number))
    more = Proposed("income", "9")
    assert code_of(amend, platform, ann, request_id, more, upload=Upload("b.txt", b"x")) == "attachments_full"
    assert len(own_request(platform, ann, request_id).attachments) == 5
