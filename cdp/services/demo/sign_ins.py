"""Ways into the demo that is being served: links for one of the invented people and for her privacy officer, an app.

What two other people ask waits for the officer, and so do a draft of the statement and a proposal of the policy, so
that her console has something to decide.
"""

import json
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from audit.entries import HERSELF, Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.errors import NotFound
from cdp.services.apps.register import Registered, register_app
from cdp.services.apps.revoke import revoke_app
from cdp.services.breakglass.ask import Asked, ask as ask_to_see
from cdp.services.breakglass.decide import end, grant
from cdp.services.breakglass.look import read_grant
from cdp.services.breakglass.reading import read_opened
from cdp.services.corrections.propose import Proposal, Proposed, propose
from cdp.services.customers import find_customer
from cdp.services.demo.people import SHOWN
from cdp.services.demo.proposal import propose_policy
from cdp.services.demo.waiting import ask_more
from cdp.services.proposals.catalogues import CATALOGUES, catalogue_text
from cdp.services.proposals.deciding import ask_second
from cdp.services.proposals.drafting import begin_draft
from cdp.services.proposals.edits import with_field
from cdp.services.proposals.records import list_proposals
from cdp.services.requests.file import Filing, file_request
from cdp.services.requests.officer import Officer
from cdp.services.requests.states import Kind
from cdp.services.sign_in.holders import seal_holder, secret_hash
from cdp.services.sign_in.links import ANY_BROWSER
from cdp.services.staff.accounts import list_accounts
from cdp.services.staff.invite import add_staff, new_link
from cdp.services.statements.draft import find_draft, first_fields, save_draft
from cdp.store.bulk import insert_rows
from cdp.store.sign_in import SIGN_IN_LINK
from cdp.terms import CUSTOMER

APP: Final = "demo-newsletter"
VIEW: Final = "newsletter"
LASTS: Final = timedelta(hours=12)
OFFICER: Final = "iris"
SUPPORT, SECOND = "sue", "olga"
_WHY: Final = (
    "A courier stands at her door with her medicine and cannot reach her; her number is masked for us.",
    "客户来电称银行卡被盗，需要核对她的完整地址。",
)
COLLEAGUE: Final = Principal("staff:omar", "privacy_officer")


@dataclass(frozen=True)
class SignIns:
    """The secret of the link, whose it is, the app, and the secret of the link for the privacy officer."""

    link: str
    address: str
    app: Registered
    officer: str


def sign_ins(platform: Platform, *, principal: Principal) -> SignIns:
    """Make them, in place of those that an earlier demo had."""
    with suppress(NotFound):
        revoke_app(platform, APP, principal=principal)
    app = register_app(platform, APP, [VIEW], principal=principal)
    return SignIns(_link(platform, principal), SHOWN[0], app, _officer(platform, principal))


def ask(platform: Platform) -> None:
    """Have people ask something of the officer; a demo that is run again asks nothing twice."""
    moved = Proposal([Proposed("address", "7 Example Gardens")], "I have moved.", form="demo-correction")
    question = Filing(Kind.QUESTION, "您把我的资料交给了谁？", "zh-Hans", form="demo-question")
    propose(platform, f"email:{SHOWN[1]}", moved)
    file_request(platform, f"email:{SHOWN[-1]}", question, principal=HERSELF)
    ask_more(platform)
    _write_statement(platform)
    propose_policy(platform, author=COLLEAGUE)
    _propose_field(platform)


def _write_statement(platform: Platform) -> None:
    """Have a colleague of the officer's begin the next statement, with one promise that the policy does not keep."""
    if find_draft(platform) is None:
        base, fields = first_fields(platform)
        summary = "We are a pharmacy. We keep what we need to serve you, and pass none of it on."
        fields |= {"version": "2026-07", "summary.en": summary, "access.named": ""}
        save_draft(platform, fields, revision="", base=base, principal=COLLEAGUE)


def break_glass(platform: Platform, *, principal: Principal) -> None:
    """Have support see one person in full, for the officer to review, and ask for another; once for all demos."""
    if any(each.name == SUPPORT for each in list_accounts(platform)):
        return
    sue = add_staff(platform, SUPPORT, role="support", address=f"{SUPPORT}@example.org", principal=principal).account
    olga = add_staff(platform, SECOND, role="second_officer", address=f"{SECOND}@example.org", principal=principal)
    names = [f"email:{SHOWN[0]}", f"email:{SHOWN[-1]}"]
    asked = [
        ask_to_see(platform, sue, Asked((name,), 15, why), officer=Officer(sue.principal))
        for name, why in zip(names, _WHY, strict=True)
    ]
    second = Officer(olga.account.principal)
    grant(platform, asked[0], officer=second, revision=1)
    for each in read_grant(platform, asked[0], principal=sue.principal).people:
        read_opened(platform, sue, asked[0], each.customer_id)
    end(platform, asked[0], officer=Officer(sue.principal))


def _propose_field(platform: Platform) -> None:
    """Have the colleague propose a finer postcode, which widens views, so that the officer is the second person."""
    if list_proposals(platform, CATALOGUES.kind):
        return
    in_force = platform.in_force(fresh=True)
    said = json.loads(in_force.catalogue.body)["entities"][CUSTOMER]["fields"]["postcode"]
    text = catalogue_text(platform, in_force.catalogue_version)
    text = with_field(text, CUSTOMER, "postcode", {**said, "keep": int(said["keep"]) + 1})
    why = "The map of deliveries needs one more character of the postcode."
    made = begin_draft(platform, CATALOGUES, text, base=in_force.catalogue_version, why=why, principal=COLLEAGUE)
    ask_second(platform, CATALOGUES, made.number, seen=made.digest, principal=COLLEAGUE)


def _officer(platform: Platform, principal: Principal) -> str:
    if any(each.name == OFFICER for each in list_accounts(platform)):
        return new_link(platform, OFFICER, principal=principal).secret
    made = add_staff(platform, OFFICER, role="privacy_officer", address=f"{OFFICER}@example.org", principal=principal)
    return made.secret


def _link(platform: Platform, principal: Principal) -> str:
    secret, now = secrets.token_urlsafe(32), datetime.now(UTC)
    in_force = platform.in_force(fresh=True)
    with platform.door.record(Entry("change", "ask_sign_in", principal, in_force.versions)) as change:
        found = find_customer(change.conn, in_force, platform.vault, f"email:{SHOWN[0]}")
        row = secret_hash(secret)
        holder = seal_holder(platform.vault, row, found.customer_id)
        times = [timestamp(now), timestamp(now + LASTS), None]
        insert_rows(change.conn, SIGN_IN_LINK, [[row, ANY_BROWSER, holder, "demo", *times, None, None]])
        change.subjects.append(found.ordinal)
    return secret
