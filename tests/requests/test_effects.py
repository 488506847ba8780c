"""What requests do at once, and what lifting takes back: by her word alone, and no more than they had done."""

from sqlalchemy import select

from audit.entries import HERSELF
from cdp.bootstrap import Platform
from cdp.catalogue.places import flag_column
from cdp.services.opt_out import refuse
from cdp.services.requests.approve import approve
from cdp.services.requests.file import Filing, file_request
from cdp.services.requests.read import own_request
from cdp.services.requests.states import Kind, State
from cdp.services.requests.steps import end_on_word, lift, reject, withdraw
from cdp.services.state_choices import Said, Wish, state_choices
from cdp.store.tables import build_schema
from cdp.terms import OPT_OUTS
from consent.events import Source, State as Choice
from tests import samples
from tests.requests.conftest import OFFICER, OTHER, ask
from tests.requests.test_requests import code_of
from tests.samples import TESTER


def refused(platform: Platform, customer_id: str) -> set[str]:
    """The flags on her row."""
    force = platform.in_force()
    customer = build_schema(force.catalogue, platform.door.dialect).customer
    columns = [customer.c[flag_column(name)] for name in force.catalogue.opt_outs]
    with platform._database.reading() as conn:
        row = conn.execute(select(*columns).where(customer.c.customer_id == customer_id)).one()
    return {name for name, flag in zip(force.catalogue.opt_outs, row, strict=True) if flag}


def test_a_restriction_stops_all_that_can_be_stopped_and_lifts_only_that(platform: Platform, ann: str) -> None:
    refuse(platform, ann, "direct_marketing", principal=TESTER, word="by phone")
    request_id = ask(platform, ann, Kind.RESTRICTION)
    assert refused(platform, ann) == set(OPT_OUTS)
    assert ann not in {row[0] for row in samples.rows_of(platform, "newsletter")}
    approve(platform, request_id, officer=OFFICER)
    assert refused(platform, ann) == set(OPT_OUTS)
    said = Said(Source.PORTAL)
    state_choices(platform, ann, [Wish("sensitive_data", Choice.REFUSED)], principal=HERSELF, said=said)
    assert lift(platform, ann, request_id).state is State.LIFTED
    assert refused(platform, ann) == {"direct_marketing", "sensitive_data"}


def test_what_is_refused_to_her_stays_refused_by_her(platform: Platform, ann: str) -> None:
    request_id = ask(platform, ann, Kind.RESTRICTION)
    reject(platform, request_id, officer=OFFICER, reason="we do not see why")
    assert refused(platform, ann) == set(OPT_OUTS), "nobody but she takes it back"
    again = ask(platform, ann, Kind.RESTRICTION)
    withdraw(platform, ann, again)
    assert refused(platform, ann) == set(OPT_OUTS), "the second one refused nothing"


def test_an_objection_stops_its_purposes_at_once(platform: Platform, ann: str) -> None:
    request_id = ask(platform, ann, Kind.OBJECTION, purposes=("direct_marketing",))
    assert refused(platform, ann) == {"direct_marketing"}
    assert own_request(platform, ann, request_id).request.state is State.DONE
    other = ask(platform, ann, Kind.OBJECTION, "it is mine", purposes=("service", "disclosure"))
    assert refused(platform, ann) == {"direct_marketing", "third_party_disclosure"}
    assert own_request(platform, ann, other).request.state is State.RECEIVED, "for `service` somebody decides"


def test_staff_ends_a_restriction_only_on_her_word(platform: Platform, ann: str) -> None:
    request_id = file_request(platform, ann, Filing(Kind.RESTRICTION), principal=OFFICER.principal)
    assert refused(platform, ann) == set(OPT_OUTS)
    assert code_of(end_on_word, platform, request_id, officer=OTHER, word="") == "word_needed"
    assert code_of(end_on_word, platform, request_id, officer=OFFICER, word="she said so") == "own_request"
    end_on_word(platform, request_id, officer=OTHER, word="by phone, 3 March")
    assert refused(platform, ann) == set()
