"""Requests follow a customer: through a merge and back, and with her when she is erased."""

from cdp.bootstrap import Platform
from cdp.services.corrections.decide import approve_field
from cdp.services.corrections.propose import Proposal, Proposed, propose
from cdp.services.corrections.read import own_corrections, read_correction
from cdp.services.corrections.records import Place
from cdp.services.erase import erase
from cdp.services.identity.merge import merge_customers, unmerge_customers
from cdp.services.requests.attachments import Upload, read_attachment
from cdp.services.requests.read import own_request, own_requests
from cdp.services.verify_log import verify_log
from cdp.store.asking import LAST_LETTER, TABLES
from cdp.store.records import Stored
from tests import samples
from tests.requests.conftest import OFFICER, ask
from tests.requests.test_requests import code_of
from tests.samples import TESTER
from tests.support import gone

NAMES = {str(table.name) for table in TABLES} - {LAST_LETTER.name}


def asked(platform: Platform, customer_id: str) -> str:
    """A correction with a file, decided, of a field that somebody was given: it leaves rows in every table."""
    proposal = Proposal([Proposed("full_name", "Another Name")], "because", Upload("a.txt", b"the file"))
    request_id = propose(platform, customer_id, proposal)
    digest = read_correction(platform, request_id, principal=TESTER).fields[0].seen
    approve_field(platform, request_id, Place("full_name"), seen=digest, officer=OFFICER)
    return request_id


def test_nothing_of_them_is_left_when_she_is_erased(platform: Platform, people: list[Stored]) -> None:
    samples.rows_of(platform, "acme_share")
    ann, ben = people[0].customer_id, people[1].customer_id
    for her in (ann, ben):
        asked(platform, her)
    assert set(gone.traces(platform, ann)) >= NAMES
    before = gone.traces(platform, ben)
    erase(platform, [ann], principal=TESTER, reason="she asked")
    assert gone.traces(platform, ann) == {}
    assert gone.traces(platform, ben) == before
    verify_log(platform)


def test_a_merge_moves_them_and_its_end_moves_them_back(platform: Platform, people: list[Stored]) -> None:
    samples.rows_of(platform, "acme_share")
    ann, ben = people[0].customer_id, people[1].customer_id
    mine, theirs = ask(platform, ann), asked(platform, ben)
    before = own_request(platform, ben, theirs)
    merge = merge_customers(platform, ann, ben, principal=TESTER, reason="one person")
    moved = own_request(platform, ann, theirs)
    assert (moved.steps, moved.attachments, moved.letters) == (before.steps, before.attachments, before.letters)
    assert [each.new for each in own_corrections(platform, ann, theirs)] == ["Another Name"]
    file = moved.attachments[0].attachment_id
    assert read_attachment(platform, theirs, file, principal=TESTER)[1] == b"the file"
    assert gone.traces(platform, ben).keys() & NAMES == set()
    since = ask(platform, ann)
    unmerge_customers(platform, merge.merge_id, principal=TESTER)
    assert {each.request_id for each in own_requests(platform, ann)} == {mine, since}
    assert own_request(platform, ben, theirs) == before
    assert code_of(own_request, platform, ann, theirs) == "unknown_request"


def test_an_officer_who_became_part_of_her_is_she(platform: Platform, people: list[Stored]) -> None:
    from audit.entries import Principal
    from cdp.services.requests.approve import approve
    from cdp.services.requests.officer import Officer

    ann, ben = people[0].customer_id, people[1].customer_id
    merge_customers(platform, ann, ben, principal=TESTER, reason="one person")
    officer = Officer(Principal("staff:ben"), customer_id=ben)
    assert code_of(approve, platform, ask(platform, ann), officer=officer) == "own_request"
