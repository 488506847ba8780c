"""What else waits for the demo's officer: an erasure, a harmless correction, a profile that may be somebody."""

from contextlib import suppress
from datetime import timedelta
from typing import Final

from audit.entries import HERSELF, Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.errors import NotFound, Refused
from cdp.events.undeclared import FILES, Name, note_names
from cdp.services.canaries.alarms import standing
from cdp.services.canaries.plant import plant
from cdp.services.corrections.propose import Proposal, Proposed, propose
from cdp.services.demo.people import SHOWN, make_people
from cdp.services.identity.links import Claim, add_claims
from cdp.services.provenance.declare import unstated
from cdp.services.recipients.agree import Terms, agree
from cdp.services.recipients.known import list_agreements, today
from cdp.services.requests.file import Filing, file_request
from cdp.services.requests.states import Kind
from cdp.store.arriving import UNDECLARED
from cdp.store.people import LINK
from cdp.store.provenance import Origin, intern, seconds
from cdp.store.write import Writer
from cdp.terms import CUSTOMER, Value
from consent.arrivals import Newcomer, create_customers

SOURCE: Final = "web-shop"
CANARIES: Final = 4
NAMES: Final = {Name(CUSTOMER, "second mail"): 12, Name(CUSTOMER, "shoe_size"): 3}
"""What a file of a partner's had that the catalogue does not know, and how often."""
DESK: Final = Principal("os:desk")
PROFILE: Final[dict[str, Value]] = {
    "full_name": "Lucy B.", "city": "London", "postcode": "NW1 4QL", "language": "en", "loyalty": "none",
}  # fmt: skip
"""What the shop knows of somebody who typed the address of one of the people that are shown."""


def ask_more(platform: Platform) -> None:
    """Have more wait; a demo that is run again asks nothing twice."""
    erasure = Filing(Kind.ERASURE, "I do not shop here any more.", form="demo-erasure")
    with suppress(NotFound):  # it was granted, and she is gone: none of the three that are shown
        file_request(platform, f"email:{make_people(len(SHOWN) + 1)[-1].email}", erasure, principal=HERSELF)
    card = Proposal([Proposed("loyalty", "gold")], "By telephone: his card is a gold one.", form="demo-card")
    propose(platform, f"email:{SHOWN[1]}", card, principal=DESK)
    _claim(platform)
    _partners(platform)


def _partners(platform: Platform) -> None:
    """Have an agreement that says less than the clinic gets, canaries, and names that the catalogue does not know."""
    if not list_agreements(platform):
        contact = "Dr Amara Okafor, privacy@riverside-clinic.example"
        begin, end = today(), today() + timedelta(days=60)
        agreed = Terms("clinic", contact, ["full_name", "birth_date", "postcode"], ["referral"], begin, end, "2026/17")
        agree(platform, agreed, principal=DESK)
    if not standing(platform)[0]:
        with suppress(Refused):  # too few customers to hide among
            plant(platform, CANARIES, "example.org", principal=DESK)
    if not platform.door.waits(UNDECLARED):
        entry = Entry("change", "demo", DESK, platform.in_force().versions)
        with platform.door.record(entry) as change:
            note_names(change.conn, platform.vault, FILES, NAMES, {next(iter(NAMES)): {"email": 9}})


def _claim(platform: Platform) -> None:
    """Have the shop say, without having verified it, that somebody bears an address that is known."""
    if platform.door.waits(LINK, LINK.c.source == SOURCE):
        return
    in_force, now = platform.in_force(fresh=True), timestamp()
    writer = Writer(
        in_force.catalogue, in_force.catalogue.entities[CUSTOMER], version=in_force.catalogue_version,
        vault=platform.vault, dialect=platform.door.dialect,
    )  # fmt: skip
    with platform.door.record(Entry("change", "demo", DESK, in_force.versions, {"entity": CUSTOMER})) as change:
        conn = change.conn
        origin = Origin(intern(conn, unstated(in_force.policy, SOURCE), at=now), seconds(now))
        [made] = create_customers(
            conn, writer, [Newcomer(PROFILE, [], origin)], catalogue=in_force.catalogue,
            regimes=in_force.policy.regime, at=now, actor=DESK.name,
        )  # fmt: skip
        change.subjects.append(made.ordinal)
        token = platform.vault.blind.token(CUSTOMER, "email", SHOWN[0])
        if token is not None:
            claim = Claim(made.customer_id, SOURCE, "email", token.hex(), SHOWN[0])
            add_claims(conn, platform.vault.keys([made.customer_id]), [claim], at=now)
