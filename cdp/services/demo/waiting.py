"""What else waits for the demo's officer: an erasure, a harmless correction, a profile that may be somebody."""

from contextlib import suppress
from typing import Final

from audit.entries import HERSELF, Entry, Principal, timestamp
from cdp.bootstrap import Platform
from cdp.errors import NotFound
from cdp.services.corrections.propose import Proposal, Proposed, propose
from cdp.services.demo.people import SHOWN, make_people
from cdp.services.identity.links import Claim, add_claims
from cdp.services.provenance.declare import unstated
from cdp.services.requests.file import Filing, file_request
from cdp.services.requests.states import Kind
from cdp.store.people import LINK
from cdp.store.provenance import Origin, intern, seconds
from cdp.store.write import Writer
from cdp.terms import CUSTOMER, Value
from consent.arrivals import Newcomer, create_customers

SOURCE: Final = "web-shop"
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
