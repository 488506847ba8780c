"""Whom somebody of staff means, by an id or an identifier; that he asked is on the log, whoever it is."""

from dataclasses import dataclass

from sqlalchemy import Connection

from audit.entries import Entry, Principal
from audit.passage import Chunk
from cdp.bootstrap import InForce, Platform
from cdp.errors import NotFound
from cdp.services.customers import find_customer


@dataclass
class _Meaning:
    """The look-up, as the door reads it."""

    platform: Platform
    in_force: InForce
    name: str

    def entry(self, principal: Principal) -> Entry:
        """Return its entry."""
        return Entry("disclosure", "find_person", principal, self.in_force.versions)

    def read(self, conn: Connection, _position: object | None) -> Chunk:
        """Look her up."""
        found = find_customer(conn, self.in_force, self.platform.vault, self.name)
        return Chunk([(found.customer_id,)], [found.ordinal], None)


def find_person(platform: Platform, name: str, *, principal: Principal) -> str:
    """Return the id of a customer.

    Raises:
        NotFound: `unknown_customer`; it has its entry.
        Unavailable: the database, the keys or the log cannot serve.
    """
    reading = _Meaning(platform, platform.in_force(fresh=True), name)
    try:
        [[(customer_id,)]] = platform.door.disclose(reading, principal)
    except NotFound as error:
        entry = Entry("refusal", "find_person", principal, platform.in_force().versions, {"code": error.code})
        platform.door.note(entry)
        raise
    return str(customer_id)
